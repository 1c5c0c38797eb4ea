internal import Patterns

/// Asks the library that will run an expression whether it compiles.
enum RegexCheck {
    /// Why an expression does not compile, and at which octet; `nil` when it does.
    /// - Parameter scope: predicates and paths match as a whole, `rewrite-path` anywhere.
    static func problem(in expression: String, scope: PatternScope) -> PatternError? {
        do throws(PatternError) {
            _ = try Pattern(expression, scope: scope)
            return nil
        } catch {
            return error
        }
    }
}
