//! Questions made by a grammar: more combinations than anybody would write down.

use brownout_sim::hash::mix64;

/// So many questions, always the same ones.
pub fn questions(number: usize) -> Vec<String> {
    let seeds = (0..).map(|seed| {
        let mut grammar = Grammar { state: mix64(seed) };
        grammar.vector(3)
    });
    seeds.take(number).collect()
}

struct Grammar {
    state: u64,
}

impl Grammar {
    fn below(&mut self, limit: usize) -> usize {
        self.state = mix64(self.state);
        usize::try_from(self.state >> 33).unwrap_or(0) % limit
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn matchers(&mut self) -> String {
        let matcher = self.one(&[
            "",
            "",
            "{job=\"api\"}",
            "{job!=\"db\"}",
            "{instance=~\"0|1\"}",
            "{zone=\"\"}",
            "{zone=~\"a|b\", job!~\"e.*\"}",
            "{job=\"nobody\"}",
        ]);
        matcher.to_owned()
    }

    fn when(&mut self) -> &'static str {
        self.one(&[
            "",
            "",
            "",
            "",
            " offset 1m",
            " offset -40s",
            " @ start()",
            " @ end() offset 2m",
        ])
    }

    fn selector(&mut self) -> String {
        let name = self.one(&[
            "made_requests_total",
            "made_level",
            "made_level",
            "made_special",
        ]);
        let matchers = self.matchers();
        format!("{name}{matchers}")
    }

    fn range(&mut self, depth: usize) -> String {
        let range = self.one(&["20s", "1m", "95s", "5m", "11m"]);
        if depth > 0 && self.below(4) == 0 {
            let step = self.one(&["", "10s", "45s", "1m"]);
            let (inner, when) = (self.vector(depth - 1), self.when());
            return format!("({inner})[{range}:{step}]{when}");
        }
        let (selector, when) = (self.selector(), self.when());
        format!("{selector}[{range}]{when}")
    }

    fn grouping(&mut self) -> &'static str {
        self.one(&[
            "",
            " by (job)",
            " by (job, zone)",
            " by (nothing)",
            " without (instance)",
            " without (job, zone)",
        ])
    }

    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            let (selector, when) = (self.selector(), self.when());
            return format!("{selector}{when}");
        }
        match self.below(12) {
            0..=2 => {
                let function = self.one(&[
                    "rate",
                    "increase",
                    "delta",
                    "irate",
                    "idelta",
                    "deriv",
                    "changes",
                    "resets",
                    "avg_over_time",
                    "min_over_time",
                    "max_over_time",
                    "sum_over_time",
                    "count_over_time",
                    "stddev_over_time",
                    "last_over_time",
                    "present_over_time",
                ]);
                format!("{function}({})", self.range(depth))
            }
            3 | 4 => {
                let operation = self.one(&[
                    "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar",
                ]);
                let (inner, grouping) = (self.vector(depth - 1), self.grouping());
                format!("{operation}({inner}){grouping}")
            }
            5 => {
                let share = self.one(&["0", "0.3", "0.5", "0.99", "1", "-1", "NaN"]);
                let (inner, grouping) = (self.vector(depth - 1), self.grouping());
                format!("quantile({share}, {inner}){grouping}")
            }
            6..=8 => {
                let operator = self.one(&[
                    "+", "-", "*", "/", "%", "^", "==", "!=", ">", "<=", "> bool", "== bool",
                    "and", "or", "unless",
                ]);
                let sets = ["and", "or", "unless"];
                let matching = if sets.contains(&operator) {
                    self.one(&["", "on (job)", "ignoring (zone)", "on ()"])
                } else {
                    self.one(&[
                        "",
                        "",
                        "",
                        "on (job, instance)",
                        "on (job)",
                        "ignoring (zone)",
                        "on (job) group_left",
                        "on (job) group_right (zone)",
                        "ignoring (instance) group_left (zone)",
                    ])
                };
                let (lhs, rhs) = (self.vector(depth - 1), self.vector(depth - 1));
                format!("({lhs}) {operator} {matching} ({rhs})")
            }
            9 => {
                let operator = self.one(&["+", "-", "*", "/", "%", "^", "==", ">", "< bool"]);
                let number = self.one(&["0", "1", "-2.5", "100", "Inf", "NaN"]);
                let inner = self.vector(depth - 1);
                if self.below(2) == 0 {
                    format!("({inner}) {operator} {number}")
                } else {
                    format!("{number} {operator} ({inner})")
                }
            }
            10 => {
                let share = self.one(&["0", "0.5", "0.9", "1", "2"]);
                let range = self.one(&["1m", "5m"]);
                let inner = if self.below(2) == 0 {
                    format!("sum by (le, job) (rate(made_seconds_bucket[{range}]))")
                } else {
                    format!("rate(made_seconds_bucket{{le!=\"0.5\"}}[{range}])")
                };
                format!("histogram_quantile({share}, {inner})")
            }
            _ => {
                let inner = self.vector(depth - 1);
                match self.below(9) {
                    0 => format!("abs({inner})"),
                    1 => format!("-({inner})"),
                    2 => format!("round({inner}, 0.25)"),
                    3 => format!("clamp({inner}, -10, 50)"),
                    4 => format!("absent({inner})"),
                    5 => format!("timestamp({inner})"),
                    6 => format!("label_replace({inner}, \"copy\", \"$1\", \"job\", \"(.)(.*)\")"),
                    7 => format!("sgn({inner})"),
                    _ => format!("vector(scalar({inner}))"),
                }
            }
        }
    }
}
