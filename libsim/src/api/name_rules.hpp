#pragma once
// Checks of names and other short texts. Each returns the API server's messages, none if the text is fine.
// Sources: apimachinery/pkg/util/validation/validation.go, apimachinery/pkg/api/validate/content.
#include "support.hpp"

namespace orrery::validation {

Messages dns1123_label(std::string_view value);
Messages dns1123_subdomain(std::string_view value);
Messages dns1123_subdomain_with_underscore(std::string_view value);
/// Upstream has no limit of its own for these, but etcd refuses the object long before (1.5 MiB).
inline constexpr std::size_t kPathSegmentMax = std::size_t{1} << 20;
Messages path_segment_name(std::string_view value);
Messages path_segment_prefix(std::string_view value);
Messages label_key(std::string_view value);  ///< a qualified name
Messages label_value(std::string_view value);
Messages env_var_name(std::string_view value);  ///< the relaxed rule, the only one since 1.34
Messages config_map_key(std::string_view value);
Messages port_name(std::string_view value);
Messages port_number(std::int64_t value);
Messages http_header_name(std::string_view value);
Messages percent(std::string_view value);
Messages in_range(std::int64_t value, std::int64_t low, std::int64_t high);
Messages user_or_group_id(std::int64_t value);

void check_ip(const Path& path, std::string_view value, Errors& errors);
/// False if it cannot be read at all.
bool check_cidr(const Path& path, std::string_view value, Errors& errors);

/// `sub.domain/path`, as in a Job's managedBy.
void check_domain_prefixed_path(const Path& path, std::string_view value, Errors& errors);

std::string must_be_between(std::int64_t low, std::int64_t high);

/// `prefix-` is checked as if a letter came after it: generateName.
std::string masked_trailing_dash(std::string_view prefix);

}  // namespace orrery::validation
