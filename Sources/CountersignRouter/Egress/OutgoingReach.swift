/// On whose behalf endpoints are reached, and what they have to prove.
struct OutgoingReach {
    /// What an endpoint over TLS has to prove; `nil` for one that is reached in plain text.
    let security: UpstreamSecurity?
    /// What is presented to it; connections are shared by those alone who present the same.
    let identity: UpstreamIdentityHolder
}
