//! Products that are cut, round twice or add.

use ravine_conformance::product::{self, Kind, Shape};
use ravine_conformance::{Agreement, Extent, mul_add};

/// A product whose chains are cut after so many terms, fused or not.
struct Cut(usize, bool);

impl product::Kernel for Cut {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let Shape { m, k, n } = shape;
        for (at, c) in c.iter_mut().enumerate() {
            let (i, j) = (at / n, at % n);
            let factor = |p: usize| match kind {
                Kind::Plain => a[i * k + p],
                Kind::OverSamples => a[p * m + i],
                Kind::ColumnSums => 1.0,
            };
            let mut parts = vec![0.0_f32];
            for p in 0..k {
                if p > 0 && p % self.0 == 0 {
                    parts.push(0.0);
                }
                let sum = parts.last_mut().expect("there is one part");
                let (a, b) = (factor(p), b[p * n + j]);
                *sum = if self.1 { mul_add(a, b, *sum) } else { a * b + *sum };
            }
            *c = parts.into_iter().reduce(|sum, part| sum + part).expect("there is one part");
        }
    }
}

#[test]
fn a_product_that_is_cut_or_rounds_twice_is_caught() {
    let check = |kernel, kind: Kind, most| {
        let cases = product::cases(Extent::Quick);
        let cases = cases.filter(move |case| case.kind == kind && case.shape.k <= most);
        product::check(&mut { kernel }, cases, Agreement::Bits)
    };
    for kind in [Kind::Plain, Kind::OverSamples, Kind::ColumnSums] {
        assert!(check(Cut(4096, true), kind, 8192).is_ok_and(|checked| checked.cases > 5));
        assert!(check(Cut(32, true), kind, 8192).is_err());
        let leaves = check(Cut(usize::MAX, true), kind, usize::MAX);
        assert_eq!(leaves.is_ok(), kind == Kind::Plain, "{leaves:?}");
    }
    assert!(check(Cut(usize::MAX, false), Kind::Plain, 8192).is_err());
}

/// Adds to what C held.
struct Adding;

impl product::Kernel for Adding {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let mut sums = vec![0.0; c.len()];
        Cut(usize::MAX, true).product(kind, shape, &mut sums, a, b);
        c.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum);
    }
}

#[test]
fn a_product_that_adds_to_what_was_there_is_caught() {
    let cases = product::cases(Extent::Quick).filter(|case| case.kind == Kind::Plain);
    assert!(product::check(&mut Adding, cases, Agreement::Relative(1e-3)).is_err());
}
