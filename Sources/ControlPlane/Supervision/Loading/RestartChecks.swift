internal import Declarations

/// What a reload cannot change: it is refused, and says so, rather than half applied.
enum RestartChecks {
    /// The first reason for a restart, if any.
    static func refusal(file: String, from old: GatewayDeclaration, to new: GatewayDeclaration) -> Refusal? {
        if old.admin.accessLog != new.admin.accessLog {
            return Refusal(
                .configuration,
                "\(file): admin.access-log cannot change while the gateway runs: put it back, or restart the gateway")
        }
        return nil
    }
}
