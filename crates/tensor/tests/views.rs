//! Views are the elements that their shape and strides say, and nothing else.

use ravine_simd::{Level, Par};
use ravine_tensor::{View, ViewError, ViewMut, Write, column_sums, over_samples, product};

const DATA: [f32; 12] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0];

fn elements(view: View<'_>) -> Vec<f32> {
    view.iter().collect()
}

#[test]
fn transposes_and_ranges_are_views_of_the_same_elements() {
    let a = View::new(&DATA, 3, 4);
    assert_eq!(elements(a.t()), [0., 4., 8., 1., 5., 9., 2., 6., 10., 3., 7., 11.]);
    assert_eq!(elements(a.row_range(1..3).col_range(2..4)), [6., 7., 10., 11.]);
    assert_eq!(elements(a.t().row_range(3..4)), [3., 7., 11.]);
    assert_eq!(elements(a.row_range(3..3)), []);
    assert_eq!(elements(a.col_range(4..4)), []);
}

#[test]
fn rows_columns_and_arrays_are_views_of_the_same_elements() {
    let by_cols = View::col_major(&DATA, 3, 4);
    assert_eq!((by_cols.rows(), by_cols.cols()), (3, 4));
    assert_eq!(elements(by_cols), elements(View::new(&DATA, 4, 3).t()));
    let (row, col) = (View::from_row(&DATA[..3]), View::from_col(&DATA[..3]));
    assert_eq!((row.rows(), row.cols(), elements(row)), (1, 3, vec![0., 1., 2.]));
    assert_eq!((col.rows(), col.cols(), elements(col)), (3, 1, vec![0., 1., 2.]));
    let arrays = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]];
    for view in [View::from(&arrays), View::from(&arrays[..])] {
        assert_eq!((view.rows(), view.cols(), elements(view)), (3, 2, DATA[..6].to_vec()));
        assert!(view.row(1).is_some_and(|row| std::ptr::eq(row, &arrays[1][..])));
    }
}

#[test]
fn what_is_written_lies_where_the_view_says() {
    let mut arrays = [[0.0; 3]; 2];
    ViewMut::from(&mut arrays).row_mut(1).copy_from_slice(&DATA[..3]);
    ViewMut::from(&mut arrays[..1]).row_mut(0)[2] = 9.0;
    assert_eq!(arrays, [[0., 0., 9.], [0., 1., 2.]]);
    let mut data = DATA;
    ViewMut::from_row(&mut data[..2]).row_mut(0)[1] = -1.0;
    ViewMut::from_col(&mut data[2..4]).row_mut(1)[0] = -3.0;
    assert_eq!(data[..5], [0., -1., 2., -3., 4.]);
}

#[test]
fn a_view_tells_its_shape_and_strides() {
    let a = View::new(&DATA, 3, 4);
    assert_eq!((a.row_stride(), a.col_stride()), (4, 1));
    assert_eq!((a.t().row_stride(), a.t().col_stride()), (1, 4));
    let every_other = View::strided(&DATA[..11], 2, 3, 6, 2).unwrap();
    assert_eq!((every_other.row_stride(), every_other.col_stride()), (6, 2));
    let mut data = DATA;
    let written = ViewMut::new(&mut data, 3, 4);
    assert_eq!((written.rows(), written.cols()), (3, 4));
}

#[test]
fn a_view_that_a_slice_cannot_hold_says_what_it_takes() {
    let short = View::strided(&DATA, 4, 4, 4, 1).unwrap_err();
    assert_eq!(short.to_string(), "data has 12 elements, but the view takes 16");
    let endless = View::strided(&DATA, 2, 2, usize::MAX, 1).unwrap_err();
    let said = "data has 12 elements, but the view takes more than memory holds";
    assert_eq!(endless.to_string(), said);
    let mut data = DATA;
    let overlap = ViewMut::strided(&mut data, 2, 4, 3).unwrap_err();
    assert_eq!(overlap.to_string(), "row stride is 3, but a row has 4 elements");
}

#[test]
fn a_row_is_a_slice_where_its_elements_are_neighbors() {
    let a = View::new(&DATA, 3, 4);
    assert_eq!(a.row(2), Some(&DATA[8..]));
    assert_eq!(a.t().row(2), None);
    assert_eq!(a.t().col_range(1..2).row(2), Some(&DATA[6..7]));
    assert_eq!(View::new(&[], 2, 0).row(1), Some(&[][..]));
}

#[test]
fn a_view_is_a_slice_where_no_other_element_lies_between_its_own() {
    let mut data: Vec<f32> = (0..12).map(|i| i as f32).collect();
    let view = View::new(&data, 3, 4);
    assert_eq!(view.as_slice(), Some(&data[..]));
    assert_eq!(view.row_range(1..2).as_slice(), Some(&data[4..8]));
    assert_eq!(view.t().as_slice(), None, "columns by rows");
    assert_eq!(view.col_range(0..3).as_slice(), None, "a gap behind each row");
    let spread = View::strided(&data, 2, 2, 2, 3).expect("six elements");
    assert_eq!(spread.as_slice(), None, "a gap behind each element");
    assert_eq!(View::from_col(&data[..5]).as_slice(), Some(&data[..5]));
    let mut whole = ViewMut::new(&mut data, 3, 4);
    assert_eq!(whole.as_slice_mut().map(|slice| slice.len()), Some(12));
    let mut gaps = ViewMut::strided(&mut data, 3, 3, 4).expect("rows of three");
    assert!(gaps.as_slice_mut().is_none(), "a gap behind each row");
}

#[test]
fn strides_reach_the_last_element_and_no_further() {
    let every_other = View::strided(&DATA[..11], 2, 3, 6, 2).unwrap();
    assert_eq!(elements(every_other), [0., 2., 4., 6., 8., 10.]);
    assert_eq!(
        View::strided(&DATA[..10], 2, 3, 6, 2).unwrap_err(),
        ViewError::Short { wanted: Some(11), found: 10 },
    );
    assert_eq!(elements(View::strided(&DATA[7..8], 2, 2, 0, 0).unwrap()), [7.; 4]);
    assert!(View::strided(&[], 1, 1, 0, 0).is_err());
}

#[test]
fn shapes_beyond_all_memory_are_errors() {
    let short = Err(ViewError::Short { wanted: None, found: 12 });
    let view = |[rows, cols, row_stride, col_stride]: [usize; 4]| {
        View::strided(&DATA, rows, cols, row_stride, col_stride).map(drop)
    };
    assert_eq!(view([3, 1, usize::MAX, 1]), short);
    assert_eq!(view([2, 2, usize::MAX, 1]), short);
    assert_eq!(view([usize::MAX, usize::MAX, 1, 1]), short);
    let mut data = DATA;
    assert_eq!(ViewMut::strided(&mut data, 3, 1, usize::MAX).map(drop), short);
}

/// Every view without elements that the constructors let through.
fn empty_views() -> impl Iterator<Item = View<'static>> {
    let shapes = [(0, 0), (0, 3), (3, 0), (0, usize::MAX), (usize::MAX, 0)];
    let strides = [0, 1, usize::MAX];
    shapes.into_iter().flat_map(move |(rows, cols)| {
        let strided = strides.into_iter().flat_map(move |row_stride| {
            strides.map(|col_stride| View::strided(&[], rows, cols, row_stride, col_stride))
        });
        strided.map(|view| view.unwrap()).chain([View::new(&[], rows, cols)])
    })
}

#[test]
fn views_without_elements_have_every_method() {
    for view in empty_views().flat_map(|view| [view, view.t()]) {
        assert_eq!(view.t().t().rows(), view.rows());
        for end in [0, view.rows() / 2, view.rows()] {
            assert_eq!(view.row_range(end..view.rows()).rows(), view.rows() - end);
            assert_eq!(view.row_range(end..end).cols(), view.cols());
        }
        if view.cols() == 0 && view.rows() > 0 {
            assert_eq!(view.row(view.rows() - 1), Some(&[][..]));
        }
        assert_eq!(view.row_range(0..view.rows().min(9)).iter().count(), 0);
    }
}

#[test]
fn an_empty_range_may_begin_beyond_the_data() {
    let last = View::strided(&DATA, 2, 1, 11, usize::MAX).unwrap();
    assert_eq!(elements(last.row_range(2..2)), []);
    assert_eq!(elements(last.col_range(1..1)), []);
    assert_eq!(elements(last), [0., 11.]);
}

#[test]
fn views_to_write_without_elements_have_every_method() {
    for (rows, cols, row_stride) in [(3, 0, 0), (3, 0, 5), (3, 0, usize::MAX), (0, 2, usize::MAX)] {
        let mut view = ViewMut::strided(&mut [], rows, cols, row_stride).unwrap();
        assert_eq!(view.rows_mut().map(|row| row.len()).sum::<usize>(), 0);
        assert_eq!(view.rows_mut().count(), rows);
        if rows > 0 {
            assert!(view.row_mut(rows - 1).is_empty());
        }
        assert_eq!(view.as_view().iter().count(), 0);
        let (above, below) = view.split_rows(rows.min(2));
        assert_eq!(above.rows() + below.rows(), rows);
    }
}

#[test]
fn products_of_views_without_elements_are_zeros_or_nothing() {
    let level = Level::detect();
    for a in empty_views().filter(|view| view.rows().max(view.cols()) < 9) {
        for b in empty_views().filter(|b| b.rows() == a.cols() && b.cols() < 9) {
            let mut c = vec![f32::NAN; a.rows() * b.cols()];
            let write = Write(ViewMut::new(&mut c, a.rows(), b.cols()));
            product(level, Par::threads(2), write, a, b);
            assert!(c.iter().all(|c| c.to_bits() == 0), "{a:?} {b:?}: {c:?}");
            c.fill(f32::NAN);
            let write = Write(ViewMut::new(&mut c, a.rows(), b.cols()));
            over_samples(level, Par::threads(2), write, a.t(), b);
            assert!(c.iter().all(|c| c.to_bits() == 0), "{a:?} {b:?}: {c:?}");
        }
        let mut sums = vec![f32::NAN; a.cols()];
        column_sums(level, Par::Seq, Write(ViewMut::from_row(&mut sums)), a);
        assert!(sums.iter().all(|sum| sum.to_bits() == 0), "{a:?}: {sums:?}");
    }
}

#[test]
fn rows_that_are_written_do_not_overlap() {
    let mut data = DATA;
    assert_eq!(
        ViewMut::strided(&mut data, 3, 4, 3).unwrap_err(),
        ViewError::Overlap { row_stride: 3, cols: 4 },
    );
    let view = ViewMut::strided(&mut data, 3, 2, 5).unwrap();
    let (mut above, mut below) = view.split_rows(1);
    assert_eq!(above.row_mut(0), [0., 1.]);
    assert_eq!(elements(below.as_view()), [5., 6., 10., 11.]);
    let rows: Vec<_> = below.rows_mut().map(|row| row.to_vec()).collect();
    assert_eq!(rows, [[5., 6.], [10., 11.]]);
}

#[test]
#[should_panic(expected = "data has 12 elements, but the view is 3 × 5")]
fn a_view_of_another_length_panics() {
    let _ = View::new(&DATA, 3, 5);
}

#[test]
#[should_panic(expected = "data has 12 elements, but the view is 5 × 3")]
fn a_view_by_columns_of_another_length_panics() {
    let _ = View::col_major(&DATA, 5, 3);
}
