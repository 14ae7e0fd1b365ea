//! `ravine completions`: what a shell needs to complete commands and flags.

use clap_complete::{Shell, generate};

use crate::error::Error;
use crate::output;

/// Print a script that lets a shell complete commands, flags and their values
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Shell that the script is for
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  # For this session of bash
  source <(ravine completions bash)
  # For good, in bash, zsh (in a folder of its fpath) and fish
  ravine completions bash > ~/.local/share/bash-completion/completions/ravine
  ravine completions zsh > ~/.zfunc/_ravine
  ravine completions fish > ~/.config/fish/completions/ravine.fish";

impl Completions {
    /// Prints the script for the commands of `program`.
    pub(crate) fn run(self, mut program: clap::Command) -> Result<(), Error> {
        let name = program.get_name().to_owned();
        // The generator panics where it cannot write; a vector takes all.
        let mut script = Vec::new();
        generate(self.shell, &mut program, name, &mut script);
        output::whole(&script)
    }
}
