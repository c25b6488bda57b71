#pragma once
// What the API server answers to a create or an update: the list of field errors of an object, in its words.
// Works on JSON trees whose field types were already checked (strings are strings, numbers are numbers), after
// prepare_for_create or prepare_for_update of defaults.hpp. Not here: unknown fields, admission plugins, conflicts.
// Source: Kubernetes 1.36, pkg/apis/*/validation, apimachinery/pkg/util/validation/field.
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// One thing wrong with one field.
struct FieldError {
  enum class Type : std::uint8_t {
    required,
    invalid,
    not_supported,
    duplicate,
    forbidden,
    too_many,
    too_few,
    too_long,
    too_short,
    not_found,
    internal,
  };
  Type type = Type::invalid;
  std::string path;    ///< `spec.template.spec.containers[0].name`
  std::string value;   ///< the bad value as the API server prints it (strings with their quotes); empty: not printed
  std::string detail;  ///< may be empty

  bool operator==(const FieldError&) const = default;
};

/// `spec.parallelism: Invalid value: -1: must be greater than or equal to 0`
std::string to_string(const FieldError& error);

/// The message of the 422 answer: `Job.batch "j" is invalid: …`, several errors as `[a, b]`, repeated ones once.
/// `kind_with_group` is `Job.batch`, or `Pod` for the core group.
std::string invalid_message(std::string_view kind_with_group, std::string_view name, const std::vector<FieldError>& errors);

/// `Job.batch` for `Job`, `Pod` for `Pod`: what invalid_message wants. The kind itself when it is not one of ours.
std::string_view kind_with_group(std::string_view kind);

/// All errors of a new object, in the API server's order. Empty: accepted. Kinds without rules here are accepted.
/// `object` has to have been through prepare_for_create.
/// DEVIATION: where the API server iterates a map (labels, annotations, resources) its order is random; here it is the
/// order of the keys.
std::vector<FieldError> validate_create(std::string_view kind, const nlohmann::json& object);

/// All errors of replacing `old_object` by `new_object` (through prepare_for_update), repeated ones once.
/// Covers what may not change: J-014 to J-017, D-012, the fields of a Pod, the PodCIDR of a Node.
std::vector<FieldError> validate_update(std::string_view kind, const nlohmann::json& new_object, const nlohmann::json& old_object);

/// All errors of a write to the status subresource. Rules exist for Job (J-018), DaemonSet (D-012) and
/// PodDisruptionBudget; of other kinds only the metadata is checked.
std::vector<FieldError> validate_status_update(std::string_view kind, const nlohmann::json& new_object,
                                               const nlohmann::json& old_object);

namespace validation {
/// A text as Go's %q writes it.
std::string go_quoted(std::string_view text);
}  // namespace validation

/// What is wrong with a cron schedule, in the words of the parser the CronJob API uses (C-020 to C-033); empty: valid.
std::string cron_schedule_error(std::string_view schedule);

/// Whether `name` is in the tz database (C-008). Case-sensitive; `UTC` and the empty name count.
bool is_known_time_zone(std::string_view name);

}  // namespace orrery
