//! What figures show is what their series are called: theory is computed here once more.
#![cfg(feature = "report")]

use std::sync::LazyLock;

use ravine::data::Ravine;
use ravine::simd::{Level, Par};
use ravine_lab::digits::Digits;
use ravine_lab::figures::{Figure, Series, chapters};
use ravine_lab::race::{FORMS, Race};
use ravine_lab::{Experiments, Regressed, tables};

static FIGURES: LazyLock<Vec<Figure>> = LazyLock::new(|| {
    let ravine = Ravine { rows: 128, cols: 8, condition: 100.0, ..Ravine::default() };
    let course = Race { ravine, above: 1e-4 }.prepare(Par::Seq).unwrap();
    let level = Level::detect();
    let race = FORMS.map(|(name, form)| course.run(name, form, level, Par::Seq).unwrap());
    let digits = Digits { epochs: 2, ..Digits::default() }.prepare().unwrap();
    let experiments = Experiments {
        condition: course.condition(),
        race: race.into(),
        real: vec![Regressed::new("diabetes", tables::diabetes()).unwrap()],
        digits: digits.train(level, Par::Seq, true).unwrap(),
    };
    chapters(&experiments).unwrap().into_iter().flat_map(|chapter| chapter.figures).collect()
});

fn figure(name: &str) -> &'static Figure {
    FIGURES.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The points of a series that are there.
fn points(figure: &Figure, name: &str) -> Vec<(f64, f64)> {
    let is_named = |series: &&Series| series.name == name;
    let series = figure.series.iter().find(is_named);
    let series = series.unwrap_or_else(|| panic!("no {name} in {}", figure.name));
    let is_there = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    series.points.iter().copied().filter(is_there).collect()
}

fn last(figure: &Figure, name: &str) -> (f64, f64) {
    *points(figure, name).last().unwrap()
}

#[test]
fn no_point_that_is_drawn_is_outside_its_frame() {
    for figure in &*FIGURES {
        for series in &figure.series {
            let ends = [&figure.x, &figure.y].map(|axis| axis.range);
            let is_within = |&(x, y): &(f64, f64)| {
                [x, y].iter().zip(ends).all(|(value, ends)| {
                    ends.is_none_or(|[from, to]| !(*value < from || *value > to))
                })
            };
            let outside: Vec<_> = series.points.iter().filter(|point| !is_within(point)).collect();
            assert!(outside.is_empty(), "{}, {}: {outside:?}", figure.name, series.name);
        }
    }
}

#[test]
fn every_figure_says_what_to_see_and_has_something_in_it() {
    for figure in &*FIGURES {
        assert!(!figure.see.is_empty() && !figure.command.is_empty(), "{}", figure.name);
        for series in &figure.series {
            let some = series.points.iter().any(|(x, y)| x.is_finite() && y.is_finite());
            assert!(some, "{}, {} is empty", figure.name, series.name);
        }
    }
}

#[test]
fn momentum_is_at_the_minimum_while_plain_descent_is_on_its_way() {
    let path = figure("path");
    let off = |name| {
        let (x, y) = last(path, name);
        x.hypot(y)
    };
    assert!(off("momentum") < 0.01, "{}", off("momentum"));
    assert!(off("plain descent") > 0.1, "{}", off("plain descent"));
    for (name, fewer) in [("race", 3.0), ("diabetes", 10.0)] {
        let momentum = if name == "race" { "classic" } else { "momentum" };
        let [plain, momentum] =
            ["plain descent", momentum].map(|series| last(figure(name), series).0);
        assert!(fewer * momentum < plain, "{name}: {momentum} steps, plain descent {plain}");
    }
}

#[test]
fn every_rate_lies_on_the_diagonal() {
    let mut count = 0;
    for series in figure("rates").series.iter().filter(|series| series.name != "theory") {
        for (theory, measured) in &series.points {
            let off = (measured / theory - 1.0).abs();
            assert!(off < 1e-3, "{}: {measured}, theory {theory}", series.name);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} dots");
}

#[test]
fn polyaks_point_and_the_edge_are_where_his_formulas_have_them() {
    let map = figure("map");
    let root = 30.0_f64.sqrt();
    let (x, y) = last(map, "best, Polyak 1964");
    let (lr, momentum) = (4.0 / (1.0 + 1.0 / root).powi(2), ((root - 1.0) / (root + 1.0)).powi(2));
    assert!((x - lr).abs() + (y - momentum).abs() < 1e-12, "{x}, {y}: wanted {lr}, {momentum}");
    for (lr, momentum) in points(map, "edge, αλ = 2 + 2β") {
        assert!((lr - 2.0 - 2.0 * momentum).abs() < 1e-12, "{lr} at {momentum}");
    }
}

#[test]
fn noise_is_averaged_as_its_curve_says_and_dots_lie_on_it() {
    let share = |beta: f64| (1.0 - beta) / (1.0 + beta);
    let variance = figure("velocity-variance");
    for (beta, y) in points(variance, "(1 − β) / (1 + β)") {
        assert!((y - share(beta)).abs() < 1e-12, "{y} at {beta}");
    }
    for (beta, y) in points(variance, "measured") {
        assert!((y / share(beta) - 1.0).abs() < 0.03, "{y} at {beta}");
    }
    let direction = figure("direction");
    for [dots, theory] in [["measured", "both"], ["lag, measured", "its lag"]] {
        let (dots_points, theory) = (points(direction, dots), points(direction, theory));
        assert!(dots_points.len() >= 4, "{dots}: {}", dots_points.len());
        for (x, found) in dots_points {
            let is_here = |point: &&(f64, f64)| point.0.to_bits() == x.to_bits();
            let wanted = theory.iter().find(is_here).unwrap().1;
            assert!((found / wanted - 1.0).abs() < 0.1, "{dots} at {x}: {found}, wanted {wanted}");
            assert_ne!(found.to_bits(), wanted.to_bits(), "{dots} at {x} was not measured");
        }
    }
}

#[test]
fn the_ball_is_soonest_at_rest_near_the_critical_friction() {
    let settling = figure("settling");
    for ((x, found), (_, wanted)) in
        points(settling, "measured").into_iter().zip(points(settling, "theory"))
    {
        assert!((found - wanted).abs() <= 1.0, "{found} steps at {x}, wanted {wanted}");
    }
    let measured = points(settling, "measured");
    let (soonest, _) = measured.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    // (1 − √αλ)² with αλ = 1/1000 is the critical momentum.
    let critical = 1.0 - (1.0 - 1e-3_f64.sqrt()).powi(2);
    assert!((0.6..1.0).contains(&(soonest / critical)), "{soonest}, critical {critical}");
}
