//! Linear models and multilayer perceptrons with hand-written gradients.
#![forbid(unsafe_code)]
