//! `ravine man`: the manual, from the texts of `--help`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};

use crate::error::Error;
use crate::output;

/// Print the manual page, or write a page for each command
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Folder for ravine.1, ravine-train.1 and so on; made where it is not
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  # Read it at once
  ravine man | man -l -
  # For good: then `man ravine` and `man ravine-train` find it
  ravine man --out ~/.local/share/man/man1";

impl Man {
    /// Prints the page of `program`, or writes it and one for each command.
    pub(crate) fn run(self, program: Command) -> Result<(), Error> {
        let mut program = program.disable_help_subcommand(true);
        program.build();
        let Some(folder) = self.out else {
            return output::whole(&page(&program).map_err(Error::Output)?);
        };
        let commands = [vec![&program], below(&program)].concat();
        let name = |command: &Command| Page::new(command.clone()).get_filename();
        output::writable_in(
            &folder,
            &commands.iter().map(|command| name(command)).collect::<Vec<_>>(),
        )?;
        commands.into_iter().try_for_each(|command| {
            let file = folder.join(name(command));
            page(command)
                .and_then(|text| ravine::data::write_whole(&file, |to| to.write_all(&text)))
                .map_err(|source| Error::Unwritable { file, source })
        })
    }
}

/// The commands below `command`, each before its own.
fn below(command: &Command) -> Vec<&Command> {
    command.get_subcommands().flat_map(|sub| [vec![sub], below(sub)].concat()).collect()
}

/// A command's page: what it is, its flags and examples, and then those of the commands below it,
/// so that the program's page names every flag there is.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let (page, mut text) = (Page::new(command.clone()), Vec::new());
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_options_section(&mut text)?;
    closing(command).to_writer(&mut text)?;
    for command in below(command) {
        let title = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_uppercase();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        Roff::new().control("SH", [&*title]).text([roman(about)]).to_writer(&mut text)?;
        let mut more = Vec::new();
        Page::new(command.clone()).render_options_section(&mut more)?;
        closing(command).to_writer(&mut more)?;
        // What is a section of the command's own page is a subsection here.
        text.extend(String::from_utf8_lossy(&more).replace(".SH ", ".SS ").bytes());
    }
    Ok(text)
}

/// What `--help` ends with: lines that end with a colon are headings, indented ones are examples
/// and tables, which stay as they are.
fn closing(command: &Command) -> Roff {
    let mut roff = Roff::new();
    let told = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut filled = true;
    for line in told.lines() {
        let kept = line.strip_prefix("  ");
        if filled == kept.is_some() {
            filled = kept.is_none();
            roff.control(if filled { "fi" } else { "nf" }, []);
        }
        match (kept, line.strip_suffix(':')) {
            (Some(line), _) => roff.text([roman(line)]),
            (None, Some(heading)) => roff.control("SH", [&*heading.to_uppercase()]),
            (None, None) if line.is_empty() => roff.control("PP", []),
            (None, None) => roff.text([roman(line)]),
        };
    }
    if !filled {
        roff.control("fi", []);
    }
    roff
}
