//! Figures that belong together.

use super::{
    Figure, annealing, average, beyond, convergence, edge, friction, learned, noise, parting, race,
    ravine, real, rival,
};
use crate::{Experiments, Failure};

/// What one question comes to: figures, with words and tables beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// Its heading.
    pub title: String,
    /// What must be known to read it; nothing if empty.
    pub words: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Tables, after the figures.
    pub tables: Vec<Table>,
}

/// A table of words and numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What each column holds.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
    /// What must be known to read it; nothing if empty.
    pub words: String,
}

impl Chapter {
    /// A chapter of figures alone.
    #[must_use]
    pub fn new(title: impl Into<String>, figures: Vec<Figure>) -> Self {
        Self { title: title.into(), words: String::new(), figures, tables: Vec::new() }
    }

    /// The chapter with a table more.
    #[must_use]
    pub fn with(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }
}

impl Table {
    /// A table of rows of strings.
    #[must_use]
    pub fn new<const N: usize>(
        head: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
        words: impl Into<String>,
    ) -> Self {
        Self {
            head: head.map(str::to_owned).into(),
            rows: rows.into_iter().map(Vec::from).collect(),
            words: words.into(),
        }
    }
}

/// All chapters whose numbers are the same on every machine, in the order in which they are read.
///
/// Experiments that are quick, and have no numbers to choose, are run here.
///
/// # Errors
///
/// If an experiment has no result.
pub fn chapters(experiments: &Experiments) -> Result<Vec<Chapter>, Failure> {
    let Experiments { condition, race, real, digits } = experiments;
    Ok(vec![
        ravine::chapter()?,
        rival::chapter()?,
        convergence::chapter()?,
        edge::chapter()?,
        friction::chapter()?,
        race::chapter(*condition, race),
        parting::chapter()?,
        real::chapter(real),
        average::chapter()?,
        noise::chapter()?,
        beyond::chapter()?,
        learned::chapter(digits),
        annealing::chapter()?,
    ])
}

/// A number of steps, or that there were not enough.
pub(super) fn steps(steps: Option<u64>) -> String {
    steps.map_or("too many".into(), |steps| steps.to_string())
}
