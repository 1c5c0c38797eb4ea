internal import Declarations

/// The checks across the listeners, and the step from their drafts to declarations.
struct ListenerChecks {
    let draft: FileDraft
    let reading: FileReading

    func run() -> [ListenerDeclaration] {
        var names: [String: Int] = [:]
        var result: [ListenerDeclaration] = []
        for listener in draft.listeners {
            let value = listener.value
            if value.name == nil, draft.listeners.count > 1 {
                reading.error(
                    "missing-key", at: listener.node, "`name` is missing: there are several listeners",
                    expected: ValueShape<String>.identifierExpected)
            }
            if let name = value.name, let first = names.updateValue(name.node, forKey: name.value) {
                reading.reportDuplicateID("listener", name, first: first)
            }
            checkProxyProtocol(listener)
            if let declaration = declaration(of: value) { result.append(declaration) }
        }
        checkAddresses()
        return result
    }

    private func declaration(of value: ListenerDraft) -> ListenerDeclaration? {
        guard let address = value.address?.value else { return nil }
        var declaration = ListenerDeclaration(
            name: value.name?.value ?? "default", host: address.host, port: address.port,
            trustedProxies: value.trustedProxies)
        declaration.acceptsProxyProtocol = value.acceptsProxyProtocol
        declaration.tls = value.tls
        return declaration
    }

    /// A header of somebody who is not trusted could name any client: nobody's would be believed.
    private func checkProxyProtocol(_ listener: Located<ListenerDraft>) {
        guard listener.value.acceptsProxyProtocol, listener.value.trustedProxies.isEmpty else { return }
        // Networks that are written wrong are a problem already.
        if let networks = reading.written(["trusted-proxies"], in: listener.node),
            reading.document.nodes[networks].kind != .sequence || reading.document.nodes[networks].childCount > 0
        {
            return
        }
        reading.error(
            "missing-key", at: reading.node(of: ["proxy-protocol"], in: listener.node),
            "`trusted-proxies` is missing: the header of a peer that is not trusted is not believed",
            expected: "`trusted-proxies`, the networks of the proxies in front")
    }

    private func checkAddresses() {
        var seen: [String: Int] = [:]
        var addresses = draft.listeners.compactMap(\.value.address)
        if let admin = draft.admin.address, let address = admin.value {
            addresses.append(Located(value: address, node: admin.node))
        }
        for address in addresses where address.value.port != 0 {
            let octets = AddressText.octets(Array(address.value.host.utf8)[...]) ?? []
            if let first = seen.updateValue(address.node, forKey: "\(octets) \(address.value.port)") {
                let line = reading.document.nodes[first].line
                reading.error(
                    "duplicate-address", at: address.node,
                    "`\(reading.excerpt(address.node))` is listened on already, at line \(line)",
                    expected: "an address of its own")
            }
        }
    }
}
