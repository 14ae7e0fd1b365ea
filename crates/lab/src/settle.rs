//! Steps until something stays below a goal.

/// Counts the steps after which a value stays below its goal for good: a value that rises above
/// it again was not there yet.
///
/// For good means for another quarter of the steps so far, and 50 more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settling {
    goal: f64,
    seen: u64,
    /// Values up to the last one that was not below the goal.
    above: u64,
}

impl Settling {
    pub(crate) fn below(goal: f64) -> Self {
        Self { goal, seen: 0, above: 0 }
    }

    /// Takes the next value: the first is that after no step.
    pub(crate) fn see(&mut self, value: f64) {
        self.seen += 1;
        // What is not a number is not below.
        let below = value < self.goal;
        if !below {
            self.above = self.seen;
        }
    }

    /// The steps, once the value has stayed below long enough.
    pub(crate) fn steps(&self) -> Option<u64> {
        let patience = self.above + self.above / 4 + 50;
        (patience < self.seen).then_some(self.above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(values: impl IntoIterator<Item = f64>) -> Option<u64> {
        let mut settling = Settling::below(1.0);
        values.into_iter().for_each(|value| settling.see(value));
        settling.steps()
    }

    #[test]
    fn steps_are_counted_from_the_last_value_above() {
        let low = std::iter::repeat_n(0.5, 60);
        assert_eq!(steps([2.0, 2.0].into_iter().chain(low.clone())), Some(2));
        assert_eq!(steps([2.0, 0.5, 2.0].into_iter().chain(low.clone())), Some(3));
        assert_eq!(steps([2.0, f64::NAN].into_iter().chain(low.clone())), Some(2));
        assert_eq!(steps(low), Some(0));
    }

    #[test]
    fn a_value_that_may_rise_again_has_not_settled() {
        assert_eq!(steps([2.0, 0.5, 0.5]), None);
        assert_eq!(steps(std::iter::repeat_n(2.0, 1000).chain([0.5; 200])), None);
        assert_eq!(steps(std::iter::repeat_n(2.0, 1000).chain([0.5; 301])), Some(1000));
    }
}
