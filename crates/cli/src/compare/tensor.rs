//! A named array of numbers, as a file holds it.

use std::ops::Range;
use std::rc::Rc;

use super::number::Kind;

/// An array of numbers with a name, which shares its file's bytes.
#[derive(Debug)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) shape: Vec<usize>,
    /// Whether the first index runs fastest.
    fortran: bool,
    /// Bytes of the whole file, of each element the lowest first.
    file: Rc<Vec<u8>>,
    /// Where in the file the elements are.
    range: Range<usize>,
}

impl Tensor {
    /// The part `range` of a file's bytes, of which the last index runs fastest.
    ///
    /// # Panics
    ///
    /// If the range has another length than the shape asks for.
    pub(super) fn within(
        name: String,
        kind: Kind,
        shape: Vec<usize>,
        file: Rc<Vec<u8>>,
        range: Range<usize>,
    ) -> Self {
        // Extents beside a zero may be of any size.
        let elements = if shape.contains(&0) { 0 } else { shape.iter().product() };
        assert_eq!(elements * kind.size(), range.len(), "a tensor has the bytes of its shape");
        Self { name, kind, shape, fortran: false, file, range }
    }

    /// All of `bytes`.
    ///
    /// # Panics
    ///
    /// If there are more or less bytes than the shape asks for.
    pub(super) fn of(
        name: String,
        kind: Kind,
        shape: Vec<usize>,
        fortran: bool,
        bytes: Vec<u8>,
    ) -> Self {
        let range = 0..bytes.len();
        Self { fortran, ..Self::within(name, kind, shape, Rc::new(bytes), range) }
    }

    /// The number of elements.
    pub(super) fn len(&self) -> usize {
        self.range.len() / self.kind.size()
    }

    /// The bits of an element; `flat` counts elements with the last index running fastest,
    /// whatever their order in memory.
    pub(super) fn bits(&self, flat: usize) -> u64 {
        let size = self.kind.size();
        let element = if self.fortran { self.in_memory(flat) } else { flat };
        self.kind.bits(&self.bytes()[element * size..][..size])
    }

    /// The bytes of a range of elements, where they lie together.
    pub(super) fn slice(&self, flat: Range<usize>) -> Option<&[u8]> {
        let size = self.kind.size();
        (!self.fortran).then(|| &self.bytes()[flat.start * size..flat.end * size])
    }

    /// The index in every dimension.
    pub(super) fn index(&self, mut flat: usize) -> Vec<usize> {
        let mut index: Vec<usize> = self
            .shape
            .iter()
            .rev()
            .map(|&extent| {
                let index = flat % extent;
                flat /= extent;
                index
            })
            .collect();
        index.reverse();
        index
    }

    /// The type and shape in words.
    pub(super) fn describe(&self) -> String {
        format!("{} {:?}", self.kind, self.shape)
    }

    fn bytes(&self) -> &[u8] {
        &self.file[self.range.clone()]
    }

    /// Where an element is if the first index runs fastest.
    fn in_memory(&self, mut flat: usize) -> usize {
        // The last index is found first, and has the longest stride.
        let mut stride = self.len();
        let mut element = 0;
        for &extent in self.shape.iter().rev() {
            stride /= extent;
            element += flat % extent * stride;
            flat /= extent;
        }
        element
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_memory_does_not_move_an_element() {
        // Element [i, j, k] of a 2 × 3 × 4 tensor is 100 i + 10 j + k.
        let value = |[i, j, k]: [usize; 3]| u8::try_from(100 * i + 10 * j + k).unwrap();
        let each = |[a, b, c]: [usize; 3]| {
            (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| [i, j, k])))
        };
        let shape = vec![2, 3, 4];
        let (kind, name) = (Kind::Unsigned(1), String::from("t"));
        let rows: Vec<u8> = each([2, 3, 4]).map(value).collect();
        let columns: Vec<u8> = each([4, 3, 2]).map(|[k, j, i]| value([i, j, k])).collect();
        assert_ne!(rows, columns);
        let rows = Tensor::of(name.clone(), kind, shape.clone(), false, rows);
        let columns = Tensor::of(name, kind, shape, true, columns);
        for (flat, index) in each([2, 3, 4]).enumerate() {
            for tensor in [&rows, &columns] {
                assert_eq!(tensor.bits(flat), u64::from(value(index)), "{index:?}");
                assert_eq!(tensor.index(flat), index);
            }
        }
        assert_eq!(rows.slice(1..3), Some(&[1, 2][..]));
        assert_eq!(columns.slice(1..3), None);
    }

    #[test]
    fn a_number_alone_is_a_tensor_of_no_dimensions() {
        let tensor = Tensor::of("t".into(), Kind::Unsigned(2), vec![], true, vec![1, 2]);
        assert_eq!((tensor.len(), tensor.bits(0), tensor.index(0)), (1, 0x0201, vec![]));
    }
}
