#include "name_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace orrery::validation {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }
bool is_alnum(char c) { return is_lower_alnum(c) || is_upper(c); }

template <class Predicate>
bool all_of(std::string_view s, Predicate predicate) {
  return std::all_of(s.begin(), s.end(), predicate);
}

constexpr std::string_view kLabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view kSubdomainFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr std::string_view kSubdomainText =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
    "with an alphanumeric character";

std::string max_characters(std::size_t n) { return fmt::format("must be no more than {} characters", n); }
std::string max_bytes(std::size_t n) { return fmt::format("must be no more than {} bytes", n); }

std::string regex_message(std::string_view message, std::string_view format, std::initializer_list<std::string_view> examples) {
  std::string out(message);
  out += examples.size() == 0 ? " (" : " (e.g. ";
  bool first = true;
  for (const std::string_view example : examples) {
    if (!first) out += " or ";
    first = false;
    out += fmt::format("'{}', ", example);
  }
  return out + fmt::format("regex used for validation is '{}')", format);
}

bool is_label(std::string_view s) {
  if (s.empty() || !is_lower_alnum(s.front()) || !is_lower_alnum(s.back())) return false;
  return all_of(s, [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_label_with_underscore(std::string_view s) {
  if (!s.empty() && s.front() == '_') s.remove_prefix(1);
  if (s.empty() || !is_lower_alnum(s.front()) || !is_lower_alnum(s.back())) return false;
  return all_of(s, [](char c) { return is_lower_alnum(c) || c == '-' || c == '_'; });
}

template <class Predicate>
bool all_parts(std::string_view s, char separator, Predicate predicate) {
  while (true) {
    const std::size_t end = s.find(separator);
    if (!predicate(s.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    s.remove_prefix(end + 1);
  }
}

bool is_subdomain(std::string_view s) { return all_parts(s, '.', is_label); }

bool is_qualified_part(std::string_view s) {
  if (s.empty() || !is_alnum(s.front()) || !is_alnum(s.back())) return false;
  return all_of(s, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

void add_directory_messages(std::string_view value, Messages& messages) {
  if (value == ".") {
    messages.emplace_back("must not be '.'");
  } else if (value == "..") {
    messages.emplace_back("must not be '..'");
  } else if (value.substr(0, 2) == "..") {
    messages.emplace_back("must not start with '..'");
  }
}

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = false;
  bool leading_zeros = false;
  bool v4_in_v6 = false;
};

/// A dotted quad as Go's sloppy parser takes it: leading zeros allowed, each part at most 255.
bool parse_v4(std::string_view s, std::uint8_t* out, bool& leading_zeros) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (s.empty() || s.front() != '.') return false;
      s.remove_prefix(1);
    }
    std::size_t n = 0;
    unsigned value = 0;
    while (n < s.size() && is_digit(s[n])) {
      value = value * 10 + static_cast<unsigned>(s[n] - '0');
      if (value > 255) return false;
      ++n;
    }
    if (n == 0) return false;
    if (n > 1 && s[0] == '0') leading_zeros = true;
    out[part] = static_cast<std::uint8_t>(value);
    s.remove_prefix(n);
  }
  return s.empty();
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool parse_v6(std::string_view s, Address& out) {
  std::size_t i = 0;
  std::optional<std::size_t> ellipsis;
  if (s.substr(0, 2) == "::") {
    ellipsis = 0;
    s.remove_prefix(2);
    if (s.empty()) return true;
  }
  while (i < 16) {
    std::size_t n = 0;
    unsigned value = 0;
    while (n < s.size() && hex_digit(s[n]) >= 0) {
      value = value * 16 + static_cast<unsigned>(hex_digit(s[n]));
      if (value > 0xffff) return false;
      ++n;
    }
    if (n < s.size() && s[n] == '.') {
      if ((!ellipsis && i != 12) || i + 4 > 16) return false;
      if (!parse_v4(s, &out.bytes[i], out.leading_zeros)) return false;
      s = {};
      i += 4;
      break;
    }
    if (n == 0) return false;
    out.bytes[i] = static_cast<std::uint8_t>(value >> 8U);
    out.bytes[i + 1] = static_cast<std::uint8_t>(value & 0xffU);
    if (n > 4) out.leading_zeros = true;
    i += 2;
    s.remove_prefix(n);
    if (s.empty()) break;
    if (s.front() != ':' || s.size() == 1) return false;
    s.remove_prefix(1);
    if (s.front() == ':') {
      if (ellipsis) return false;
      ellipsis = i;
      s.remove_prefix(1);
      if (s.empty()) break;
    }
  }
  if (!s.empty()) return false;
  if (i < 16) {
    if (!ellipsis) return false;
    std::array<std::uint8_t, 16> moved{};
    std::copy_n(out.bytes.begin(), *ellipsis, moved.begin());
    std::copy(out.bytes.begin() + static_cast<std::ptrdiff_t>(*ellipsis), out.bytes.begin() + static_cast<std::ptrdiff_t>(i),
              moved.end() - static_cast<std::ptrdiff_t>(i - *ellipsis));
    out.bytes = moved;
  } else if (ellipsis) {
    return false;
  }
  return true;
}

std::optional<Address> parse_address(std::string_view s) {
  Address out;
  const std::size_t first = s.find_first_of(".:");
  if (first == std::string_view::npos) return std::nullopt;
  if (s[first] == '.') {
    out.is_v4 = true;
    if (!parse_v4(s, out.bytes.data(), out.leading_zeros)) return std::nullopt;
    return out;
  }
  if (!parse_v6(s, out)) return std::nullopt;
  out.v4_in_v6 = std::all_of(out.bytes.begin(), out.bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
                 out.bytes[10] == 0xff && out.bytes[11] == 0xff;
  return out;
}

}  // namespace

std::string must_be_between(std::int64_t low, std::int64_t high) {
  return fmt::format("must be between {} and {}, inclusive", low, high);
}

std::string masked_trailing_dash(std::string_view prefix) {
  if (prefix.size() > 1 && prefix.back() == '-') return std::string(prefix.substr(0, prefix.size() - 2)) + "a";
  return std::string(prefix);
}

Messages dns1123_label(std::string_view value) {
  Messages out;
  if (value.size() > 63) out.push_back(max_characters(63));
  if (!is_label(value)) {
    if (is_subdomain(value)) {
      out.emplace_back("must not contain dots");
    } else {
      out.push_back(regex_message("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                                  "start and end with an alphanumeric character",
                                  kLabelFormat, {"my-name", "123-abc"}));
    }
  }
  return out;
}

Messages dns1123_subdomain(std::string_view value) {
  Messages out;
  if (value.size() > 253) out.push_back(max_characters(253));
  if (!is_subdomain(value)) out.push_back(regex_message(kSubdomainText, kSubdomainFormat, {"example.com"}));
  return out;
}

Messages dns1123_subdomain_with_underscore(std::string_view value) {
  Messages out;
  if (value.size() > 253) out.push_back(max_characters(253));
  if (!all_parts(value, '.', is_label_with_underscore)) {
    out.push_back(regex_message("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
                                "and must start and end with an alphanumeric character",
                                "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", {"example.com"}));
  }
  return out;
}

Messages path_segment_prefix(std::string_view value) {
  Messages out;
  for (const std::string_view bad : {"/", "%"}) {
    if (value.find(bad) != std::string_view::npos) out.push_back(fmt::format("may not contain '{}'", bad));
  }
  if (value.size() > kPathSegmentMax) out.push_back(max_bytes(kPathSegmentMax));
  return out;
}

Messages path_segment_name(std::string_view value) {
  if (value == "." || value == "..") return {fmt::format("may not be '{}'", value)};
  return path_segment_prefix(value);
}

Messages label_key(std::string_view value) {
  const auto format_message = [] {
    return regex_message("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                         "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", {"MyName", "my.name", "123-abc"});
  };
  Messages out;
  std::string_view name = value;
  const std::size_t slash = value.find('/');
  if (slash != std::string_view::npos) {
    name = value.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      return {"a valid label key " + format_message() + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
    }
    const std::string_view prefix = value.substr(0, slash);
    if (prefix.empty()) {
      out.emplace_back("prefix part must be non-empty");
    } else {
      if (prefix.size() > 253) out.push_back("prefix part " + max_bytes(253));
      if (!is_subdomain(prefix)) out.push_back("prefix part " + regex_message(kSubdomainText, kSubdomainFormat, {"example.com"}));
    }
  }
  if (name.empty()) {
    out.emplace_back("name part must be non-empty");
  } else if (name.size() > 63) {
    out.push_back("name part " + max_bytes(63));
  }
  if (!is_qualified_part(name)) out.push_back("name part " + format_message());
  return out;
}

Messages label_value(std::string_view value) {
  Messages out;
  if (value.size() > 63) out.push_back(max_bytes(63));
  if (!value.empty() && !is_qualified_part(value)) {
    out.push_back(regex_message("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
                                "must start and end with an alphanumeric character",
                                "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", {"MyValue", "my_value", "12345"}));
  }
  return out;
}

Messages env_var_name(std::string_view value) {
  Messages out;
  if (value.empty()) out.emplace_back("environment variable name must be non-empty");
  if (!all_of(value, [](char c) { return c >= 0x20 && c < 0x7f && c != '='; })) {
    out.emplace_back("a valid environment variable name must consist only of printable ASCII characters other than '='");
  }
  return out;
}

Messages config_map_key(std::string_view value) {
  Messages out;
  if (value.size() > 253) out.push_back(max_characters(253));
  if (value.empty() || !all_of(value, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; })) {
    out.push_back(regex_message("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+",
                                {"key.name", "KEY_NAME", "key-name"}));
  }
  add_directory_messages(value, out);
  return out;
}

Messages port_name(std::string_view value) {
  Messages out;
  if (value.size() > 15) out.push_back(max_characters(15));
  if (value.empty() || !all_of(value, [](char c) { return is_lower_alnum(c) || c == '-'; })) {
    out.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!std::any_of(value.begin(), value.end(), is_lower)) out.emplace_back("must contain at least one letter (a-z)");
  if (value.find("--") != std::string_view::npos) out.emplace_back("must not contain consecutive hyphens");
  if (!value.empty() && (value.front() == '-' || value.back() == '-')) out.emplace_back("must not begin or end with a hyphen");
  return out;
}

Messages in_range(std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return {must_be_between(low, high)};
}

Messages port_number(std::int64_t value) { return in_range(value, 1, 65535); }

Messages user_or_group_id(std::int64_t value) { return in_range(value, 0, std::numeric_limits<std::int32_t>::max()); }

Messages http_header_name(std::string_view value) {
  if (!value.empty() && all_of(value, [](char c) { return is_alnum(c) || c == '-'; })) return {};
  return {regex_message("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", {"X-Header-Name"})};
}

Messages percent(std::string_view value) {
  if (value.size() > 1 && value.back() == '%' && all_of(value.substr(0, value.size() - 1), is_digit)) return {};
  return {regex_message("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", {"1%", "93%"})};
}

void check_ip(const Path& path, std::string_view value, Errors& errors) {
  const std::optional<Address> address = parse_address(value);
  if (!address) {
    errors.invalid(path, go_quoted(value), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    return;
  }
  if (address->leading_zeros) {
    errors.invalid(path, go_quoted(value), "must not have leading 0s");
  } else if (address->v4_in_v6) {
    errors.invalid(path, go_quoted(value), "must not be an IPv4-mapped IPv6 address");
  }
}

bool check_cidr(const Path& path, std::string_view value, Errors& errors) {
  const std::size_t slash = value.find('/');
  const std::string_view bits = slash == std::string_view::npos ? std::string_view() : value.substr(slash + 1);
  const std::optional<Address> address = parse_address(value.substr(0, slash));
  const unsigned width = address && address->is_v4 ? 32 : 128;
  unsigned length = 0;
  bool valid = address.has_value() && !bits.empty() && bits.size() < 6 && all_of(bits, is_digit);
  if (valid) {
    for (const char c : bits) length = length * 10 + static_cast<unsigned>(c - '0');
    valid = length <= width;
  }
  if (!valid) {
    errors.invalid(path, go_quoted(value), "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    return false;
  }
  if (address->leading_zeros || (bits.size() > 1 && bits.front() == '0')) {
    errors.invalid(path, go_quoted(value), "must not have leading 0s in IP or prefix length");
  } else if (address->v4_in_v6) {
    errors.invalid(path, go_quoted(value), "must not have an IPv4-mapped IPv6 address");
  } else {
    for (unsigned bit = length; bit < width; ++bit) {
      if ((address->bytes[bit / 8] & (0x80U >> (bit % 8))) == 0) continue;
      errors.invalid(path, go_quoted(value), "must not have bits set beyond the prefix length");
      break;
    }
  }
  return true;
}

void check_domain_prefixed_path(const Path& path, std::string_view value, Errors& errors) {
  if (value.empty()) {
    errors.required(path);
    return;
  }
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size()) {
    errors.invalid(path, go_quoted(value), "must be a domain-prefixed path (such as \"acme.io/foo\")");
    return;
  }
  const std::string_view host = value.substr(0, slash);
  const std::string_view rest = value.substr(slash + 1);
  errors.invalid_each(path, host, dns1123_subdomain(host));
  constexpr std::string_view kPathCharacters = "/-._~%!$&'()*+,;=:";
  if (!all_of(rest, [&](char c) { return is_alnum(c) || kPathCharacters.find(c) != std::string_view::npos; })) {
    errors.invalid(path, go_quoted(rest), "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
  }
}

}  // namespace orrery::validation
