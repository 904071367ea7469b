//! What a query asks for: the parser's tree, checked, with everything resolved that does not depend on samples.

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::token::{self, TokenType};
use promql_parser::parser::{
    AggregateExpr, AtModifier, BinaryExpr, Call, Expr, LabelModifier, Offset,
    VectorMatchCardinality, VectorSelector,
};
use regex::Regex;

use super::functions::{Function, find};
use super::labels::NAME;
use super::refuse::refuse;
use super::source::{Comparison, Matcher};
use super::{Error, MAX_DEPTH, Semantics};

/// Part of a query.
#[derive(Clone, Debug)]
pub enum Node {
    Number(f64),
    Text(String),
    Instant(Selector),
    Range(Selector, i64),
    Subquery {
        inner: Box<Node>,
        range_ms: i64,
        step_ms: Option<i64>,
        when: When,
    },
    Aggregate(Aggregate),
    Negate(Box<Node>),
    Binary(Binary),
    Call(&'static Function, Vec<Node>),
}

/// Series to be selected, and when.
#[derive(Clone, Debug)]
pub struct Selector {
    pub matchers: Vec<Matcher>,
    pub when: When,
}

/// `offset` and `@`.
#[derive(Clone, Copy, Debug, Default)]
pub struct When {
    pub offset_ms: i64,
    pub at: Option<At>,
}

/// What `@` names.
#[derive(Clone, Copy, Debug)]
pub enum At {
    Start,
    End,
    Ms(i64),
}

#[derive(Clone, Debug)]
pub struct Aggregate {
    pub operation: Operation,
    pub parameter: Option<Box<Node>>,
    pub inner: Box<Node>,
    pub grouping: Grouping,
}

/// Which labels tell groups apart.
#[derive(Clone, Debug)]
pub enum Grouping {
    By(Vec<String>),
    Without(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    Topk,
    Bottomk,
    CountValues,
    Quantile,
}

#[derive(Clone, Debug)]
pub struct Binary {
    pub operator: Operator,
    pub lhs: Box<Node>,
    pub rhs: Box<Node>,
    /// Labels that must agree.
    pub matching: Grouping,
    pub cardinality: Cardinality,
    /// Comparisons answer 0 or 1 instead of filtering.
    pub truth: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cardinality {
    OneToOne,
    /// `group_left`, with labels taken from the right.
    ManyToOne(Vec<String>),
    /// `group_right`, with labels taken from the left.
    OneToMany(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    And,
    Or,
    Unless,
}

impl Operator {
    pub const fn compares(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Less
                | Self::LessOrEqual
        )
    }
}

/// What a part of a query yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar,
    Vector,
    Matrix,
    Text,
}

impl Node {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Number(_) => Kind::Scalar,
            Self::Text(_) => Kind::Text,
            Self::Instant(_) | Self::Aggregate(_) => Kind::Vector,
            Self::Range(..) | Self::Subquery { .. } => Kind::Matrix,
            Self::Negate(inner) => inner.kind(),
            Self::Binary(binary) => match (binary.lhs.kind(), binary.rhs.kind()) {
                (Kind::Scalar, Kind::Scalar) => Kind::Scalar,
                _ => Kind::Vector,
            },
            Self::Call(function, _) => function.kind(),
        }
    }
}

/// Understands a query.
pub fn parse(text: &str, semantics: Semantics) -> Result<Node, Error> {
    refuse(text)?;
    let tree = tree(text)?;
    Planner { semantics }.node(&tree, 0)
}

/// The parser's tree. It means to refuse whatever is no query, but panics over some durations that no type can hold.
fn tree(text: &str) -> Result<Expr, Error> {
    let parsed = std::panic::catch_unwind(|| promql_parser::parser::parse(text));
    match parsed {
        Ok(parsed) => parsed.map_err(Error::Text),
        Err(_) => Err(Error::Text("the query cannot be read".to_owned())),
    }
}

struct Planner {
    semantics: Semantics,
}

impl Planner {
    fn node(&self, tree: &Expr, depth: usize) -> Result<Node, Error> {
        if depth > MAX_DEPTH {
            let message = format!("the query nests deeper than {MAX_DEPTH}");
            return Err(Error::Text(message));
        }
        let inner = |tree: &Expr| self.node(tree, depth + 1).map(Box::new);
        Ok(match tree {
            Expr::NumberLiteral(literal) => Node::Number(literal.val),
            Expr::StringLiteral(literal) => Node::Text(literal.val.clone()),
            Expr::Paren(paren) => return self.node(&paren.expr, depth + 1),
            Expr::Unary(unary) => Node::Negate(inner(&unary.expr)?),
            Expr::VectorSelector(selector) => Node::Instant(self.selector(selector)?),
            Expr::MatrixSelector(matrix) => {
                Node::Range(self.selector(&matrix.vs)?, millis(matrix.range))
            }
            Expr::Subquery(subquery) => Node::Subquery {
                inner: inner(&subquery.expr)?,
                range_ms: millis(subquery.range),
                step_ms: subquery.step.map(millis),
                when: when(subquery.offset.as_ref(), subquery.at.as_ref())?,
            },
            Expr::Aggregate(aggregate) => Node::Aggregate(self.aggregate(aggregate, depth)?),
            Expr::Binary(binary) => Node::Binary(self.binary(binary, depth)?),
            Expr::Call(call) => self.call(call, depth)?,
            Expr::Extension(_) => return Err(Error::Outside("an extension".to_owned())),
        })
    }

    fn selector(&self, tree: &VectorSelector) -> Result<Selector, Error> {
        if !tree.matchers.or_matchers.is_empty() {
            return Err(Error::Outside("\"or\" between matchers".to_owned()));
        }
        let mut matchers = self.matchers(&tree.matchers)?;
        if let Some(name) = &tree.name {
            matchers.insert(
                0,
                Matcher {
                    name: NAME.to_owned(),
                    comparison: Comparison::Equal,
                    value: name.clone(),
                },
            );
        }
        if matchers.iter().all(|matcher| matcher.accepts("")) {
            let message = "vector selector must contain at least one non-empty matcher";
            return Err(Error::Text(message.to_owned()));
        }
        Ok(Selector {
            matchers,
            when: when(tree.offset.as_ref(), tree.at.as_ref())?,
        })
    }

    fn matchers(&self, trees: &Matchers) -> Result<Vec<Matcher>, Error> {
        let matcher = |tree: &promql_parser::label::Matcher| {
            let comparison = match &tree.op {
                MatchOp::Equal => Comparison::Equal,
                MatchOp::NotEqual => Comparison::NotEqual,
                MatchOp::Re(parsed) => Comparison::Matches(self.anchored(&tree.value, parsed)),
                MatchOp::NotRe(parsed) => {
                    Comparison::MatchesNot(self.anchored(&tree.value, parsed))
                }
            };
            Ok(Matcher {
                name: tree.name.clone(),
                comparison,
                value: tree.value.clone(),
            })
        };
        trees.matchers.iter().map(matcher).collect()
    }

    /// In Prometheus 3 a dot matches the end of a line as well.
    fn anchored(&self, pattern: &str, parsed: &Regex) -> Regex {
        let dotall = (self.semantics == Semantics::Prometheus3)
            .then(|| Regex::new(&format!("^(?s:{pattern})$")).ok())
            .flatten();
        dotall.unwrap_or_else(|| parsed.clone())
    }

    fn aggregate(&self, tree: &AggregateExpr, depth: usize) -> Result<Aggregate, Error> {
        let operation = operation(tree.op)?;
        let parameter = match &tree.param {
            Some(parameter) => Some(Box::new(self.node(parameter, depth + 1)?)),
            None => None,
        };
        Ok(Aggregate {
            operation,
            parameter,
            inner: Box::new(self.node(&tree.expr, depth + 1)?),
            grouping: tree
                .modifier
                .as_ref()
                .map_or_else(|| Grouping::By(Vec::new()), grouping),
        })
    }

    fn binary(&self, tree: &BinaryExpr, depth: usize) -> Result<Binary, Error> {
        let modifier = tree.modifier.as_ref();
        if modifier.is_some_and(|m| m.fill_values.lhs.is_some() || m.fill_values.rhs.is_some()) {
            return Err(Error::Outside("fill".to_owned()));
        }
        let cardinality = match modifier.map(|m| &m.card) {
            Some(VectorMatchCardinality::ManyToOne(labels)) => {
                Cardinality::ManyToOne(labels.labels.clone())
            }
            Some(VectorMatchCardinality::OneToMany(labels)) => {
                Cardinality::OneToMany(labels.labels.clone())
            }
            _ => Cardinality::OneToOne,
        };
        Ok(Binary {
            operator: operator(tree.op)?,
            lhs: Box::new(self.node(&tree.lhs, depth + 1)?),
            rhs: Box::new(self.node(&tree.rhs, depth + 1)?),
            matching: modifier
                .and_then(|m| m.matching.as_ref())
                .map_or_else(|| Grouping::Without(Vec::new()), grouping),
            cardinality,
            truth: modifier.is_some_and(|m| m.return_bool),
        })
    }

    fn call(&self, tree: &Call, depth: usize) -> Result<Node, Error> {
        let name = tree.func.name;
        let function = find(name, self.semantics)?;
        let arguments = tree.args.args.iter();
        let arguments: Result<Vec<Node>, Error> = arguments
            .map(|argument| self.node(argument, depth + 1))
            .collect();
        Ok(Node::Call(function, arguments?))
    }
}

fn grouping(tree: &LabelModifier) -> Grouping {
    let names = tree.labels().labels.clone();
    if tree.is_include() {
        Grouping::By(names)
    } else {
        Grouping::Without(names)
    }
}

fn when(offset: Option<&Offset>, at: Option<&AtModifier>) -> Result<When, Error> {
    let offset_ms = match offset {
        Some(Offset::Pos(by)) => millis(*by),
        Some(Offset::Neg(by)) => -millis(*by),
        None => 0,
    };
    let at = match at {
        None => None,
        Some(AtModifier::Start) => Some(At::Start),
        Some(AtModifier::End) => Some(At::End),
        Some(AtModifier::At(time)) => {
            Some(At::Ms(match time.duration_since(std::time::UNIX_EPOCH) {
                Ok(after) => millis(after),
                Err(before) => -millis(before.duration()),
            }))
        }
    };
    if offset_ms == i64::MAX || offset_ms == -i64::MAX {
        return Err(Error::Text("the offset is out of range".to_owned()));
    }
    Ok(When { offset_ms, at })
}

fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn operation(token: TokenType) -> Result<Operation, Error> {
    Ok(match token.id() {
        token::T_SUM => Operation::Sum,
        token::T_AVG => Operation::Avg,
        token::T_COUNT => Operation::Count,
        token::T_MIN => Operation::Min,
        token::T_MAX => Operation::Max,
        token::T_GROUP => Operation::Group,
        token::T_STDDEV => Operation::Stddev,
        token::T_STDVAR => Operation::Stdvar,
        token::T_TOPK => Operation::Topk,
        token::T_BOTTOMK => Operation::Bottomk,
        token::T_COUNT_VALUES => Operation::CountValues,
        token::T_QUANTILE => Operation::Quantile,
        _ => return Err(Error::Outside(token.to_string())),
    })
}

fn operator(token: TokenType) -> Result<Operator, Error> {
    Ok(match token.id() {
        token::T_ADD => Operator::Add,
        token::T_SUB => Operator::Sub,
        token::T_MUL => Operator::Mul,
        token::T_DIV => Operator::Div,
        token::T_MOD => Operator::Mod,
        token::T_POW => Operator::Pow,
        token::T_ATAN2 => Operator::Atan2,
        token::T_EQLC => Operator::Equal,
        token::T_NEQ => Operator::NotEqual,
        token::T_GTR => Operator::Greater,
        token::T_GTE => Operator::GreaterOrEqual,
        token::T_LSS => Operator::Less,
        token::T_LTE => Operator::LessOrEqual,
        token::T_LAND => Operator::And,
        token::T_LOR => Operator::Or,
        token::T_LUNLESS => Operator::Unless,
        _ => return Err(Error::Outside(token.to_string())),
    })
}
