//! Experiments that show why momentum crosses ravines, held against theory.
#![forbid(unsafe_code)]
