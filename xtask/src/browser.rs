//! `browser`: the report as a reader has it, in headless Chromium.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use ravine_lab::grid::{self, Grid};
use serde_json::{Value, json};

use crate::process::{self, root};
use crate::{Error, product};

/// Flags of `browser`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The report; without it `demo` makes one
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// Folder of the pictures; made where it is not
    #[arg(long, value_name = "DIR", default_value = "target/browser")]
    out: PathBuf,
}

/// Opens the report from disk, moves every slider by keyboard, and demands that what it shows is
/// what the library computes, that the console is silent, and that nothing is fetched; takes
/// pictures at the width of a desk and of a phone, light and dark.
///
/// `.ci/browser --install` installs what this needs.
///
/// # Errors
///
/// If something is missing, or the page does not do what it should.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Error> {
    let driver = root().join("xtask/browser");
    if !driver.join("node_modules").is_dir() {
        return Err(Error::new("found no browser's driver, wanted it: .ci/browser --install"));
    }
    fs::create_dir_all(&options.out).map_err(|error| Error::io(options.out.display(), &error))?;
    let page = match &options.page {
        Some(page) => page.clone(),
        None => {
            let folder = options.out.display().to_string();
            let record = |name| root().join("benches/record").join(name).display().to_string();
            let (peers, benches) = (record("digests.json"), record("curves.json"));
            let flags = ["--peers", &peers, "--benches", &benches, "--out", &folder];
            println!("$ ravine demo {}", flags.join(" "));
            if product(["demo"].iter().chain(&flags)) != ExitCode::SUCCESS {
                return Err(Error::new("demo failed"));
            }
            options.out.join("report.html")
        }
    };
    let absent = |error| Error::io(page.display(), &error);
    let size = fs::metadata(&page).map_err(absent)?.len();
    println!("{}: {:.2} MB", page.display(), size as f64 / 1e6);
    let expected = options.out.join("expected.json");
    fs::write(&expected, wanted()?.to_string())
        .map_err(|error| Error::io(expected.display(), &error))?;
    let whole =
        |path: &PathBuf| path.canonicalize().map_err(|error| Error::io(path.display(), &error));
    let (page, expected, out) = (whole(&page)?, whole(&expected)?, whole(&options.out)?);
    let mut node = Command::new("node");
    node.arg("report.mjs").arg(page).arg(expected).arg(out);
    process::run(&driver, &mut node, "node report.mjs", &[])?;
    Ok(ExitCode::SUCCESS)
}

/// Choices of the sliders, and what the library's own descents have there: positions, the rate by
/// theory, and the step of arrival.
fn wanted() -> Result<Value, Error> {
    let grid = Grid::default();
    let crossings = grid.cross().map_err(|error| Error::new(error.to_string()))?;
    let [lrs, momenta, conditions] =
        [&grid.lrs, &grid.momenta, &grid.conditions].map(|values| values.len() - 1);
    let choices = [
        [0, 0, 0],
        [lrs / 2, momenta / 2, conditions / 2],
        [lrs / 3, momenta, conditions],
        [lrs, momenta, 0],
        [lrs / 2, 1, conditions],
        [lrs / 4, momenta - 3, 2],
    ];
    let crossing = |[lr, momentum, condition]: [usize; 3]| {
        let curvatures = [1.0, 1.0 / grid.conditions[condition]];
        let courses = grid::descend(grid.lrs[lr], grid.momenta[momentum], &curvatures, grid.steps)
            .map_err(|error| Error::new(error.to_string()))?;
        let [across, along] = [0, 1].map(|i| courses[i].iter().copied().map(f64::from));
        let at = (lr * grid.momenta.len() + momentum) * grid.conditions.len() + condition;
        Ok(json!({
            "alpha": lr, "beta": momentum, "kappa": condition,
            "across": across.collect::<Vec<_>>(), "along": along.collect::<Vec<_>>(),
            "rate": crossings.rates[at], "arrival": crossings.arrivals[at],
        }))
    };
    choices.into_iter().map(crossing).collect()
}
