//! The step as one writes it with the `gemm` crate and plain loops.

use gemm::{Parallelism, gemm};

use crate::numbers;

struct Layer {
    inputs: usize,
    outputs: usize,
    /// outputs × inputs, and the biases.
    w: Vec<f32>,
    b: Vec<f32>,
    dw: Vec<f32>,
    db: Vec<f32>,
    vw: Vec<f32>,
    vb: Vec<f32>,
    /// batch × outputs.
    y: Vec<f32>,
    dy: Vec<f32>,
}

/// Threads, as the `gemm` crate takes them.
pub(crate) fn parallelism(threads: usize) -> Parallelism {
    if threads > 1 { Parallelism::Rayon(threads) } else { Parallelism::None }
}

/// `c ← a·b`, each of `a` and `b` with the strides of its columns and rows.
pub(crate) fn product(
    c: &mut [f32],
    [m, n, k]: [usize; 3],
    a: (&[f32], [usize; 2]),
    b: (&[f32], [usize; 2]),
    parallelism: Parallelism,
) {
    assert!(c.len() >= m * n && a.0.len() >= m * k && b.0.len() >= k * n);
    // SAFETY: the slices hold the matrices that the strides walk.
    unsafe {
        gemm(
            m, n, k,
            c.as_mut_ptr(), 1, n as isize, false,
            a.0.as_ptr(), a.1[0] as isize, a.1[1] as isize,
            b.0.as_ptr(), b.1[0] as isize, b.1[1] as isize,
            0.0, 1.0, false, false, false, parallelism,
        );
    }
}

/// `v ← 0.9·v + g`, `w ← w − 0.001·v`.
fn descend(w: &mut [f32], v: &mut [f32], g: &[f32]) {
    for ((w, v), g) in w.iter_mut().zip(v).zip(g) {
        *v = 0.9 * *v + g;
        *w -= 1e-3 * *v;
    }
}

pub(crate) fn step(widths: &[usize], batch: usize, threads: usize) -> impl FnMut() {
    let parallelism = parallelism(threads);
    let layer = |pair: &[usize]| {
        let (inputs, outputs) = (pair[0], pair[1]);
        Layer {
            inputs,
            outputs,
            w: numbers(inputs * outputs, (6.0 / inputs as f32).sqrt()),
            b: vec![0.0; outputs],
            dw: vec![0.0; inputs * outputs],
            db: vec![0.0; outputs],
            vw: vec![0.0; inputs * outputs],
            vb: vec![0.0; outputs],
            y: vec![0.0; batch * outputs],
            dy: vec![0.0; batch * outputs],
        }
    };
    let mut layers: Vec<Layer> = widths.windows(2).map(layer).collect();
    let x = numbers(batch * widths[0], 1.0);
    let t = numbers(batch * widths[widths.len() - 1], 1.0);
    move || {
        let last = layers.len() - 1;
        for i in 0..layers.len() {
            let (before, here) = layers.split_at_mut(i);
            let h = before.last().map_or(&x, |layer| &layer.y);
            let Layer { inputs, outputs, w, b, y, .. } = &mut here[0];
            let shape = [batch, *outputs, *inputs];
            product(y, shape, (h, [1, *inputs]), (w, [*inputs, 1]), parallelism);
            for y in y.chunks_exact_mut(*outputs) {
                for (y, b) in y.iter_mut().zip(&*b) {
                    *y += b;
                    if i < last {
                        *y = y.max(0.0);
                    }
                }
            }
        }
        let Layer { y, dy, .. } = &mut layers[last];
        let scale = 2.0 / t.len() as f32;
        let mut loss = 0.0;
        for ((dy, y), t) in dy.iter_mut().zip(&*y).zip(&t) {
            loss += (y - t) * (y - t);
            *dy = scale * (y - t);
        }
        std::hint::black_box(loss);
        for i in (0..layers.len()).rev() {
            let (before, here) = layers.split_at_mut(i);
            let Layer { inputs, outputs, w, b, dw, db, vw, vb, dy, .. } = &mut here[0];
            if let Some(below) = before.last_mut() {
                let shape = [batch, *inputs, *outputs];
                product(&mut below.dy, shape, (dy, [1, *outputs]), (w, [1, *inputs]), parallelism);
                for (dy, y) in below.dy.iter_mut().zip(&below.y) {
                    if *y <= 0.0 {
                        *dy = 0.0;
                    }
                }
            }
            let h = before.last().map_or(&x, |layer| &layer.y);
            let shape = [*outputs, *inputs, batch];
            product(dw, shape, (dy, [*outputs, 1]), (h, [1, *inputs]), parallelism);
            db.fill(0.0);
            for dy in dy.chunks_exact(*outputs) {
                for (db, dy) in db.iter_mut().zip(dy) {
                    *db += dy;
                }
            }
            descend(w, vw, dw);
            descend(b, vb, db);
        }
    }
}
