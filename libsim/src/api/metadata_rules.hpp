#pragma once
// Rules about metadata, labels and label selectors that all kinds share.
// Sources: apimachinery/pkg/api/validation/objectmeta.go, apimachinery/pkg/apis/meta/v1/validation.
#include <map>

#include "support.hpp"

namespace orrery::validation {

enum class Scope : std::uint8_t { namespaced, cluster };
using NameRule = Messages (*)(std::string_view);

/// The metadata of a new object with the kind's own name rule (pkg/apis/core/validation ValidateObjectMeta).
void check_metadata(const json& object, Scope scope, Errors& errors);

/// The same without the rule that finalizers are qualified or standard names: of kinds that are not in pkg/apis/core.
void check_plain_metadata(const json& object, Scope scope, Errors& errors);

/// metadata.name and generateName as path segments: all that is asked of an object of any kind.
void check_path_names(const json& object, Errors& errors);

/// What the registry itself checks of every kind, after (create) or before (update) the kind's own rules.
void check_common_metadata(const json& object, Scope scope, Errors& errors);

void check_metadata_update(const json& new_object, const json& old_object, Errors& errors);

/// check_metadata_update with the rule that finalizers are qualified or standard names.
void check_kind_metadata_update(const json& new_object, const json& old_object, Errors& errors);

void check_labels(const Path& path, const json& labels, Errors& errors);
void check_annotations(const Path& path, const json& annotations, Errors& errors);
void check_label_selector(const Path& path, const json* selector, Errors& errors);

/// Whether a selector is well-formed and selects `labels`; nothing is selected by a null one, everything by an empty one.
enum class Match : std::uint8_t { yes, no, malformed };
Match selector_matches(const json* selector, const json& labels);

}  // namespace orrery::validation
