//! The passes of a linear layer are the chains of `conformance`.

use ravine_conformance::product::chain;
use ravine_conformance::{Agreement, Draw, compare};
use ravine_models::{Store, linear};
use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewMut};

/// Samples, inputs and outputs.
const SHAPES: [[usize; 3]; 5] = [[1, 1, 1], [5, 3, 2], [17, 1, 40], [33, 17, 20], [40, 70, 13]];

fn wave(len: usize, seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, len)
}

/// The chains of `a·b`, row by row.
fn product(a: View<'_>, b: View<'_>) -> Vec<f32> {
    let places = (0..a.rows()).flat_map(|i| (0..b.cols()).map(move |j| (i, j)));
    let factors = |(i, j)| (0..a.cols()).map(move |p| (a.at(i, p), b.at(p, j)));
    places.map(|place| chain(&factors(place).collect::<Vec<_>>())).collect()
}

#[test]
fn passes_of_a_layer_are_chains_on_every_level() {
    for [samples, inputs, outputs] in SHAPES {
        let (x, dy) = (wave(samples * inputs, 1), wave(samples * outputs, 2));
        let (x, dy) = (View::new(&x, samples, inputs), View::new(&dy, samples, outputs));
        let params = wave(outputs * (inputs + 1), 3);
        let (w, b) = params.split_at(outputs * inputs);
        let w = View::new(w, outputs, inputs);

        let plain = product(x, w.t());
        let with_bias: Vec<f32> = plain.iter().zip(b.iter().cycle()).map(|(y, b)| y + b).collect();
        let ones = vec![1.0; samples];
        let grads = [product(dy.t(), x), product(View::from_row(&ones), dy)].concat();
        let dx = product(dy, w);
        for (level, threads) in Level::available().flat_map(|level| [1, 3].map(|n| (level, n))) {
            let (par, at) = (Par::threads(threads), format!("{samples} × {inputs} × {outputs}"));
            let same = |want: &[f32], got: &[f32], what| {
                let same = compare(want, got, Agreement::Bits);
                assert_eq!(same, Ok(()), "{what}, {level}, {threads} threads, {at}");
            };
            for (b, want) in [(&[][..], &plain), (b, &with_bias)] {
                let mut got = vec![f32::NAN; samples * outputs];
                linear::forward(level, par, ViewMut::new(&mut got, samples, outputs), x, w, b);
                same(want, &got, "outputs");
            }
            for len in [outputs * inputs, params.len()] {
                let mut got = vec![f32::NAN; len];
                let store = Store { params: &params[..len], grads: &mut got };
                linear::backward_params(level, par, store, dy, x);
                same(&grads[..len], &got, "gradients");
            }
            let mut got = vec![f32::NAN; samples * inputs];
            linear::backward_input(level, par, ViewMut::new(&mut got, samples, inputs), dy, w);
            same(&dx, &got, "input gradient");
        }
    }
}
