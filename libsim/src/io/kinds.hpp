#pragma once
// The kinds a scenario may name, and the words kubectl knows them by.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields.hpp"
#include "orrery/io/timeline.hpp"

namespace orrery::scenario_reading {

struct KindInfo {
  std::string_view kind;
  std::string_view api_version;
  std::string_view plural;
  std::string_view short_name;  ///< may be empty
  bool namespaced = true;
};

/// By exact kind; null when unknown.
const KindInfo* find_kind(std::string_view kind);
/// As kubectl takes it: kind, singular, plural or short name, in any case, with or without ".group".
const KindInfo* find_kubectl_kind(std::string_view word);
std::vector<std::string_view> known_kinds();

/// The field `kind`; reports when absent or unknown. With `allowed`, only those.
const KindInfo* read_kind(Fields& fields, const std::vector<std::string_view>& allowed = {});
/// "default" for namespaced kinds without one, empty for the others.
std::string namespace_of(const KindInfo& kind, std::string_view given);

}  // namespace orrery::scenario_reading
