//! Figures and crossings as JSON, which the page's scripts draw.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::first;
use crate::figures::{Axis, Figure, Mark, Scale, Series};
use crate::grid::{Crossings, Grid};

/// A figure, without its words.
pub(super) fn figure(figure: &Figure) -> Value {
    json!({
        "x": axis(&figure.x),
        "y": axis(&figure.y),
        "equal": has_one_scale(figure),
        "heat": figure.heat.as_ref().map(|heat| json!({
            "label": heat.label,
            "x": numbers(&heat.x),
            "y": numbers(&heat.y),
            "z": heat.z.iter().map(|row| numbers(row)).collect::<Vec<_>>(),
            "range": heat.range,
        })),
        "series": figure.series.iter().map(series).collect::<Vec<_>>(),
    })
}

/// Whether both axes have one scale, so that right angles stay right.
fn has_one_scale(figure: &Figure) -> bool {
    let width = |axis: &Axis| match (axis.scale, axis.range) {
        (Scale::Linear, Some([from, to])) => to - from,
        _ => f64::NAN,
    };
    (width(&figure.y) / width(&figure.x) - figure.aspect).abs() < 1e-9
}

fn axis(axis: &Axis) -> Value {
    // A logarithmic axis has the logarithms of its ends.
    let range = axis.range.map(|ends| ends.map(|end| short(axis.place(end))));
    json!({ "label": axis.label, "log": axis.scale == Scale::Log, "range": range })
}

fn series(Series { name, ink, mark, points }: &Series) -> Value {
    json!({
        "name": name,
        "ink": ink.name(),
        "mark": mark_name(*mark),
        "x": points.iter().map(|point| short(point.0)).collect::<Vec<_>>(),
        "y": points.iter().map(|point| short(point.1)).collect::<Vec<_>>(),
    })
}

/// What the scripts call a mark.
pub(super) fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Line => "line",
        Mark::Theory => "theory",
        Mark::Faint => "faint",
        Mark::Dots => "dots",
        Mark::Path => "path",
        Mark::Stems => "stems",
        Mark::Bars => "bars",
    }
}

/// The points of a grid, its contours, and what is known of each crossing but its positions.
pub(super) fn grid(grid: &Grid, crossings: &Crossings) -> Value {
    let contours = grid.conditions.iter().map(|&condition| {
        first::contours(condition).map(|points| {
            let (x, y): (Vec<_>, Vec<_>) =
                points.into_iter().map(|[x, y]| (short(x), short(y))).unzip();
            json!({ "x": x, "y": y })
        })
    });
    json!({
        "alpha": grid.lrs,
        "beta": grid.momenta,
        "kappa": grid.conditions,
        "steps": grid.steps,
        "half": first::HALF,
        "contours": contours.collect::<Vec<_>>(),
        "best": grid.best(crossings),
        "rate": numbers(&crossings.rates),
        "arrival": crossings.arrivals,
    })
}

/// All positions, as the kernels left them: little-endian `f32`s in base 64.
pub(super) fn positions(crossings: &Crossings) -> String {
    let bytes: Vec<_> = crossings.positions.iter().flat_map(|w| w.to_le_bytes()).collect();
    BASE64_STANDARD.encode(bytes)
}

/// JSON that may stand in a script element, which ends at the next `</`.
pub(super) fn inside_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

fn numbers(values: &[f64]) -> Vec<Value> {
    values.iter().copied().map(short).collect()
}

/// A number to six digits, more than any screen shows; null where it is not finite.
fn short(value: f64) -> Value {
    let told = format!("{value:.5e}").parse::<f64>().ok();
    told.filter(|value| value.is_finite()).map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Ink;

    #[test]
    fn a_figure_is_described_with_its_holes_and_cannot_end_its_script() {
        let points = vec![(1.0, 1.0 / 3.0), (10.0, f64::NAN)];
        let series = Series::theory("</script>", Ink::Third, points);
        let axes = [Axis::log("x").within(1.0, 100.0), Axis::linear("y")];
        let told = figure(&Figure::new("a", "a", axes, vec![series]));
        assert_eq!(told["x"]["range"], json!([0.0, 2.0]));
        let wanted = json!({
            "name": "</script>", "ink": "third", "mark": "theory",
            "x": [1.0, 10.0], "y": [0.333333, null],
        });
        assert_eq!(told["series"][0], wanted);
        assert_eq!(told["equal"], json!(false));
        let axes = [(-2.0, 2.0), (-1.0, 1.0)].map(|(from, to)| Axis::linear("").within(from, to));
        let square = Figure::new("a", "a", axes, Vec::new()).aspect(0.5);
        assert_eq!(figure(&square)["equal"], json!(true));
        assert!(!inside_script(&told).contains('<'));
        assert_eq!(serde_json::from_str::<Value>(&inside_script(&told)).unwrap(), told);
    }

    #[test]
    fn positions_are_kept_to_the_bit() {
        let positions = vec![0.1, f32::INFINITY, -f32::MIN_POSITIVE];
        let crossings =
            Crossings { positions: positions.clone(), arrivals: Vec::new(), rates: Vec::new() };
        let bytes = BASE64_STANDARD.decode(super::positions(&crossings)).unwrap();
        let words = bytes.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap()));
        assert_eq!(words.collect::<Vec<_>>(), positions);
    }
}
