//! The step in burn, with its flex backend.

use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let last = self.layers.len() - 1;
        self.layers.iter().enumerate().fold(x, |h, (i, layer)| {
            let y = layer.forward(h);
            if i < last { relu(y) } else { y }
        })
    }
}

pub(crate) fn step(widths: &[usize], batch: usize) -> impl FnMut() {
    let device = Device::default().autodiff();
    let layers = widths.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(&device));
    let mut model = Some(Mlp { layers: layers.collect() });
    let draw = |width| Tensor::<2>::random([batch, width], Distribution::Default, &device);
    let (x, t) = (draw(widths[0]), draw(widths[widths.len() - 1]));
    let mut optimizer = SgdConfig::new().with_momentum(Some(MomentumConfig::new())).init();
    move || {
        let mlp = model.take().expect("the last step left one");
        let loss = MseLoss::new().forward(mlp.forward(x.clone()), t.clone(), Reduction::Mean);
        let grads = GradientsParams::from_grads(loss.backward(), &mlp);
        model = Some(optimizer.step(1e-3, mlp, grads));
    }
}
