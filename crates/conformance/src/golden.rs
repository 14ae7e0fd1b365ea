//! The laws as numbers, for programs in any language.
//!
//! The file `golden/vectors.json` of this crate, which is [`TEXT`], holds updates, sums and
//! products with what they give. Operands and results are texts in C99's hexadecimal notation
//! (see [`hex`]), which every language reads exactly: `float.fromhex` in Python, `strtof` in C.
//! Hyper-parameters are plain numbers, to be read as `f64`.
//!
//! ```text
//! schedule   lr, momentum, next_momentum: of each step
//! params     before the first step; the velocity is zero
//! grads      of each step
//! updates    setting: form, nesterov, decay, gradient; after: params and velocity of each step
//! sums       case: terms, length, draw, seed; sum
//! products   case: kind, shape, draw, seed; c row by row
//! ```
//!
//! The operands of sums and products are not listed but drawn by the rule of
//! [`Draw`]: the first is that of seed 16·`seed`, the second of 16·`seed` + 1.
//! `offsets` say where a test may place operands past a cache line, and change no bit.

use serde::{Deserialize, Serialize};

use crate::update::{
    Case, Course, Decay, Form, Gradient, Rates, SCHEDULE, Setting, Trial, settings,
};
use crate::values::HARD;
use crate::{Draw, hex, product, sum};

/// The file.
pub const TEXT: &str = include_str!("../golden/vectors.json");

/// Elements of an update: a quarter ordinary, half hard, a quarter hostile.
const LENGTH: usize = 2 * HARD.len();

/// What a file holds, as trials that kernels can be [run](Trial::run) on.
#[derive(Clone, Debug)]
pub struct Golden {
    /// Steps of every form, with and without Nesterov and decays.
    pub updates: Vec<Trial>,
    /// Sums.
    pub sums: Vec<sum::Trial>,
    /// Products.
    pub products: Vec<product::Trial>,
}

#[derive(Serialize, Deserialize)]
struct File {
    about: String,
    schedule: Vec<Rates>,
    #[serde(with = "hex::list")]
    params: Vec<f32>,
    grads: Vec<Numbers>,
    updates: Vec<Update>,
    sums: Vec<Sum>,
    products: Vec<Product>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Numbers(#[serde(with = "hex::list")] Vec<f32>);

#[derive(Serialize, Deserialize)]
struct Update {
    setting: Setting,
    after: Vec<Course>,
}

#[derive(Serialize, Deserialize)]
struct Sum {
    case: sum::Case,
    sum: String,
}

#[derive(Serialize, Deserialize)]
struct Product {
    case: product::Case,
    #[serde(with = "hex::list")]
    c: Vec<f32>,
}

/// Reads a file like [`TEXT`]: what it says results are stands as `expected` in the trials.
///
/// # Errors
///
/// If it is not such a file.
///
/// # Examples
///
/// ```
/// use ravine_conformance::{Agreement, golden, update};
///
/// struct Mine;
///
/// impl update::Kernel for Mine {
///     fn step(&mut self, step: &update::Step, w: &mut [f32], v: &mut [f32], g: &[f32]) {
///         step.apply(w, v, g);
///     }
/// }
///
/// for trial in golden::read(golden::TEXT)?.updates {
///     assert_eq!(trial.run(&mut Mine, Agreement::Bits), Ok(()));
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn read(text: &str) -> Result<Golden, serde_json::Error> {
    use serde::de::Error as _;
    let file: File = serde_json::from_str(text)?;
    let grads: Vec<_> = file.grads.into_iter().map(|grads| grads.0).collect();
    let updates = file.updates.into_iter().map(|Update { setting, after: expected }| {
        let steps = setting.steps(&file.schedule).collect();
        let (params, grads) = (file.params.clone(), grads.clone());
        Trial { case: case(setting), params, steps, grads, expected }
    });
    let sums = file.sums.into_iter().map(|Sum { case, sum }| {
        let expected = hex::read(&sum).map_err(serde_json::Error::custom)?;
        Ok(sum::Trial { expected, ..case.trial() })
    });
    let products = file.products.into_iter();
    let products =
        products.map(|Product { case, c: expected }| product::Trial { expected, ..case.trial() });
    Ok(Golden {
        updates: updates.collect(),
        sums: sums.collect::<Result<_, serde_json::Error>>()?,
        products: products.collect(),
    })
}

/// Writes the file anew, from the definitions.
///
/// # Panics
///
/// Never: it is plain data that is written.
#[must_use]
pub fn write() -> String {
    // Ordinary numbers, hard ones that meet others in every operand, and hostile ones.
    let operand = |number: u8| {
        let seed = number.into();
        let mut values = Draw::Ordinary.values(seed, LENGTH / 4);
        let hard = HARD.iter().cycle().skip(5 * usize::from(number)).take(HARD.len());
        values.extend(hard);
        values.extend(Draw::Hostile.values(16 + seed, LENGTH / 4));
        values
    };
    let params = operand(0);
    let grads: Vec<_> = (1..).take(SCHEDULE.len()).map(operand).collect();
    let updates = settings().filter(in_file).map(|setting| {
        let steps = setting.steps(&SCHEDULE).collect();
        let trial = Trial::new(case(setting), params.clone(), steps, grads.clone());
        Update { setting, after: trial.expected }
    });
    let updates = updates.collect();
    let file = File {
        about: "golden vectors of ravine's numeric contract, described in the module `golden` \
                of the crate ravine-conformance"
            .into(),
        schedule: SCHEDULE.into(),
        params,
        grads: grads.into_iter().map(Numbers).collect(),
        updates,
        sums: sums().collect(),
        products: products().collect(),
    };
    let text = serde_json::to_string(&file).expect("plain data is written");
    // A line a record, so that a change shows as a few.
    text.replace("},{", "},\n{")
        .replace("\"],\"", "\"],\n\"")
        .replace("}],\"", "}],\n\"")
        .replace(":[{", ":[\n{")
        + "\n"
}

fn sums() -> impl Iterator<Item = Sum> {
    [0, 1, 33, 4096, 4097, 12_289].into_iter().zip(0..).flat_map(|(length, seed)| {
        [sum::Terms::Values, sum::Terms::Squares, sum::Terms::Products].map(|terms| {
            let case = sum::Case { terms, length, offsets: [0, 1], draw: Draw::Wide, seed };
            Sum { case, sum: hex::write(case.trial().expected) }
        })
    })
}

fn products() -> impl Iterator<Item = Product> {
    let products = [
        (product::Kind::Plain, [3, 40, 5]),
        (product::Kind::Plain, [2, 4099, 2]),
        (product::Kind::OverSamples, [2, 12_289, 3]),
        (product::Kind::ColumnSums, [1, 4097, 3]),
    ];
    products.into_iter().zip(0..).map(|((kind, [m, k, n]), seed)| {
        let (shape, offsets) = (product::Shape { m, k, n }, [0, 1, 2]);
        let case = product::Case { kind, shape, offsets, draw: Draw::Wide, seed };
        Product { case, c: case.trial().expected }
    })
}

/// The case of an update.
fn case(setting: Setting) -> Case {
    Case { setting, length: LENGTH, offsets: [0, 1, 2], draw: Draw::Hostile, seed: 0 }
}

/// Which settings are in the file: each form with each decay, and classic with each treatment of
/// the gradient.
fn in_file(setting: &Setting) -> bool {
    let classic = setting.form == Form::Classic && setting.decay == Decay::Coupled(0.01);
    setting.gradient == Gradient::AsIs || classic
}
