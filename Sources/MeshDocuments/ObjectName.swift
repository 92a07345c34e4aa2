internal import MeshModel

/// What `metadata` says of a document: its name and namespace, and what some kinds read beside it.
struct ObjectName {
  let namespace: String
  let name: String
  let field: Field
  /// Not read further than to be an object, unless a kind asks.
  let labels: Field?
  let annotations: Field?
  let creationTimestamp: Field?

  /// Fields of ObjectMeta (k8s.io/apimachinery meta/v1) that name or select nothing here.
  private static let ignored = [
    "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation", "managedFields",
    "ownerReferences", "resourceVersion", "selfLink", "uid",
  ]

  /// Nil after an error. `annotations` are those of ours that the kind has.
  static func read(_ metadata: Field, annotations: [String] = []) -> ObjectName? {
    let advice = ["generateName": "is not supported, since documents are known by their names; write name: ..."]
    let known = ["name", "namespace", "labels", "annotations", "creationTimestamp"]
    guard let fields = metadata.object(known + ignored, advice: advice) else { return nil }
    refuseUnknown(fields["annotations"], known: annotations)
    guard let nameField = fields["name"] else {
      metadata.error("name is missing; records name the document by it")
      return nil
    }
    let name = nameField.text {
      LabelSyntax.isSubdomain($0) ? nil : "is not a name: lower-case letters, digits, - and ., at most 253"
    }
    let namespace = fields["namespace"].map { $0.namespace() } ?? Workload.defaultNamespace
    guard let name, let namespace else { return nil }
    return ObjectName(
      namespace: namespace,
      name: name,
      field: nameField,
      labels: fields["labels"],
      annotations: fields["annotations"],
      creationTimestamp: fields["creationTimestamp"]
    )
  }

  /// Istio reads policies of this namespace as the whole mesh's; here they are for that namespace alone.
  static let istioRootNamespace = PeerAuthentication.rootNamespace

  /// A warning for documents that mean more to Istio than to us.
  func warnOfRootNamespace() {
    guard namespace == Self.istioRootNamespace else { return }
    field.warning(
      "is for the workloads of \(namespace) only, not for the whole mesh as in Istio; write one for each namespace"
    )
  }
}

extension Field {
  /// A namespace's name.
  func namespace() -> String? {
    text {
      LabelSyntax.isDNSLabel($0) ? nil : "is not a namespace: lower-case letters, digits and -, at most 63"
    }
  }
}

extension Field {
  /// The metadata and spec of a whole document; nil after an error. `wanted` is an example of `spec`. The spec comes
  /// even where the name is wrong, so that all that is wrong is told at once. `annotations` are those of ours that the
  /// kind has.
  func nameAndSpec(wanted: String, annotations: [String] = []) -> (name: ObjectName?, spec: Field)? {
    // `status` is what a server wrote into an export; it asks for nothing.
    guard let fields = object(["apiVersion", "kind", "metadata", "spec", "status"]) else { return nil }
    let name = require("metadata", in: fields, "metadata: {name: ...}").flatMap {
      ObjectName.read($0, annotations: annotations)
    }
    guard let spec = require("spec", in: fields, "spec: {\(wanted)}") else { return nil }
    return (name, spec)
  }
}
