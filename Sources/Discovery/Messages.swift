public import MeshAPI

/// What a proxy sends: subscriptions, and what it took or refused.
public typealias DeltaRequest = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest

/// What an agent sends: resources, and names of those that are gone.
public typealias DeltaResponse = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse
