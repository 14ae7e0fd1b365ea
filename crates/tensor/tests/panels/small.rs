//! Products inside a kernel.

use ravine_simd::Level;
use ravine_tensor::{Left, SmallProduct, View, ViewMut, Write};

use crate::laid::{Laid, ToPanels};
use crate::{SHAPES, same, want, wave};

#[test]
fn layers_give_the_chains_on_every_level() {
    for [features, samples, outputs] in SHAPES {
        let (x, w) = (wave(samples * features, 3), wave(outputs * features, 5));
        let (x, w) = (View::new(&x, samples, features), View::new(&w, outputs, features));
        let want = want(x, w.t());
        let want_t: Vec<f32> = View::new(&want, samples, outputs).t().iter().collect();
        // The same matrix as rows, and as columns.
        let columns: Vec<f32> = w.t().iter().collect();
        let w_t = View::new(&columns, features, outputs).t();
        for level in Level::available() {
            let panels = Laid::packed(level, x);
            for w in [w, w_t] {
                let at = format!("{level}, {features}, {samples}, {outputs}");
                let left = Left::of(w).expect("neighbours");
                let right = panels.read(features, samples).right();
                let mut y = Laid::room(outputs, samples);
                let finish = ToPanels(y.write(outputs, samples));
                level.run(SmallProduct { finish, left, right });
                let mut got = vec![f32::NAN; samples * outputs];
                let to = ViewMut::new(&mut got, samples, outputs);
                level.run(y.read(outputs, samples).unpack(to));
                assert_eq!(same(&want, &got), Ok(()), "panels, {at}");

                let mut got = vec![f32::NAN; samples * outputs];
                let finish = Write(ViewMut::new(&mut got, outputs, samples));
                level.run(SmallProduct { finish, left, right });
                assert_eq!(same(&want_t, &got), Ok(()), "rows, {at}");
            }
        }
    }
}

#[test]
fn sums_over_samples_give_the_chains_on_every_level() {
    for [features, samples, outputs] in SHAPES {
        let (x, dz) = (wave(samples * features, 7), wave(samples * outputs, 9));
        let (x, dz) = (View::new(&x, samples, features), View::new(&dz, samples, outputs));
        let want = want(dz.t(), x);
        for level in Level::available() {
            let slopes = Laid::packed(level, dz);
            let turned = Laid::packed(level, x).turned(level, features, samples);
            let mut got = vec![f32::NAN; outputs * features];
            let finish = Write(ViewMut::new(&mut got, outputs, features));
            let left = slopes.read(outputs, samples).left();
            let right = turned.read(features, samples).turned();
            level.run(SmallProduct { finish, left, right });
            let at = format!("{level}, {features}, {samples}, {outputs}");
            assert_eq!(same(&want, &got), Ok(()), "{at}");
        }
    }
}

#[test]
#[should_panic(expected = "terms of the operands")]
fn small_products_of_other_operands_are_refused() {
    let (x, w) = ([0.0; 48], [0.0; 4]);
    let (x, level) = (View::new(&x, 16, 3), Level::detect());
    let laid = Laid::packed(level, x);
    let left = Left::of(View::from_row(&w)).expect("a row");
    let finish = Write(ViewMut::from_row(&mut []));
    level.run(SmallProduct { finish, left, right: laid.read(3, 16).right() });
}
