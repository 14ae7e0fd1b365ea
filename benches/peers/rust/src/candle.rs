//! The step in candle, whose gradient descent has no momentum.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Module, Optimizer};

pub(crate) fn step(widths: &[usize], batch: usize) -> impl FnMut() {
    let mut step = prepared(widths, batch).expect("the processor has the operations");
    move || step().expect("the shapes agree")
}

fn prepared(widths: &[usize], batch: usize) -> Result<impl FnMut() -> Result<()>> {
    let vars = candle_nn::VarMap::new();
    let builder = candle_nn::VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
    let layer = |(i, pair): (usize, &[usize])| {
        candle_nn::linear(pair[0], pair[1], builder.pp(i.to_string()))
    };
    let layers = widths.windows(2).enumerate().map(layer).collect::<Result<Vec<_>>>()?;
    let draw = |width| Tensor::randn(0_f32, 1.0, (batch, width), &Device::Cpu);
    let (x, t) = (draw(widths[0])?, draw(widths[widths.len() - 1])?);
    let mut optimizer = candle_nn::SGD::new(vars.all_vars(), 1e-3)?;
    Ok(move || {
        let mut h = x.clone();
        for (i, layer) in layers.iter().enumerate() {
            h = layer.forward(&h)?;
            if i + 1 < layers.len() {
                h = h.relu()?;
            }
        }
        optimizer.backward_step(&candle_nn::loss::mse(&h, &t)?)
    })
}
