//! `figures`: the figures of all experiments, for paper.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use ravine_data::write_whole;
use ravine_lab::Experiments;
use ravine_lab::figures::chapters;

use crate::Error;

/// Flags of `figures`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of the drawings; made where it is not
    #[arg(long, value_name = "DIR", default_value = "target/figures")]
    out: PathBuf,
    /// Writes the figures of these names alone
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// Runs the experiments and writes each figure as `NAME.svg`; the same on every machine.
///
/// # Errors
///
/// If an experiment has no result, a name is none of a figure's, or a file cannot be written.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Error> {
    let failed = |failure| Error::new(format!("figures: {failure}"));
    let experiments = Experiments::run().map_err(failed)?;
    let chapters = chapters(&experiments).map_err(failed)?;
    let figures: Vec<_> = chapters.iter().flat_map(|chapter| &chapter.figures).collect();
    for name in &options.only {
        if figures.iter().all(|figure| figure.name != *name) {
            let names: Vec<_> = figures.iter().map(|figure| &*figure.name).collect();
            let wanted = names.join(", ");
            return Err(Error::new(format!("found no figure {name}, wanted one of {wanted}")));
        }
    }
    let folder = options.out.display();
    fs::create_dir_all(&options.out)
        .map_err(|error| Error::new(format!("{folder}: {error}, wanted a folder to write to")))?;
    for figure in figures {
        if options.only.is_empty() || options.only.contains(&figure.name) {
            let path = options.out.join(format!("{}.svg", figure.name));
            write_whole(&path, |file| file.write_all(figure.svg().as_bytes()))
                .map_err(|error| Error::io(path.display(), &error))?;
            println!("{}: {}", path.display(), figure.see);
        }
    }
    Ok(ExitCode::SUCCESS)
}
