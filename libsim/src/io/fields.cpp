#include "fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {

void Problems::add(std::string pointer, std::string message, std::string hint) {
  Diagnostic d;
  d.pointer = std::move(pointer);
  d.message = std::move(message);
  d.hint = std::move(hint);
  add(std::move(d));
}

void Problems::add(Diagnostic problem) {
  if (list_.size() < kMaxScenarioProblems)
    list_.push_back(std::move(problem));
  else
    ++dropped_;
}

Diagnostics Problems::take() {
  if (dropped_ > 0) {
    Diagnostic d = list_.back();
    d.message = fmt::format("… and {} more problems", dropped_);
    d.hint.clear();
    list_.push_back(std::move(d));
  }
  dropped_ = 0;
  return std::move(list_);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < kMost;) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
      ++i;
      continue;
    }
    if (c < 0x80) {
      out += text[i++];
      continue;
    }
    const std::size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    bool good = c >= 0xc2 && c < 0xf5 && i + length <= text.size();
    for (std::size_t k = 1; good && k < length; ++k) good = (static_cast<unsigned char>(text[i + k]) & 0xc0U) == 0x80U;
    if (good)
      out += text.substr(i, length);
    else
      out += "\xef\xbf\xbd";
    i += good ? length : 1;
  }
  if (out.size() >= kMost && text.size() > kMost) out += "…";
  return out;
}

std::string shown(const json& value) {
  if (value.is_string()) return "\"" + shown(std::string_view(value.get_ref<const std::string&>())) + "\"";
  if (value.is_structured()) return std::string(type_name(value));
  return shown(std::string_view(value.dump(-1, ' ', false, json::error_handler_t::replace)));
}

std::string_view type_name(const json& value) {
  switch (value.type()) {
    case json::value_t::null: return "null";
    case json::value_t::object: return "an object";
    case json::value_t::array: return "a list";
    case json::value_t::string: return "a string";
    case json::value_t::boolean: return "a boolean";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float: return "a number";
    default: return "something else";
  }
}

std::string child(std::string_view parent, std::string_view key) {
  std::string out(parent);
  out += '/';
  for (char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string child(std::string_view parent, std::size_t index) { return fmt::format("{}/{}", parent, index); }

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Edits (with swaps of neighbours) between two short words, not counting upper and lower case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > 40) return {};
  std::string_view best;
  std::size_t best_distance = 0;
  for (std::string_view candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d <= std::max<std::size_t>(1, std::min(word.size(), candidate.size()) / 3) && (best.empty() || d < best_distance)) {
      best = candidate;
      best_distance = d;
    }
  }
  return best.empty() ? std::string() : fmt::format("did you mean \"{}\"?", best);
}

std::optional<std::int64_t> read_integer(Problems& problems, const json& value, const std::string& pointer, std::int64_t least,
                                         std::int64_t most) {
  std::optional<std::int64_t> n;
  if (value.is_number_unsigned()) {
    const auto u = value.get<std::uint64_t>();
    if (u <= static_cast<std::uint64_t>(INT64_MAX)) n = static_cast<std::int64_t>(u);
  } else if (value.is_number_integer()) {
    n = value.get<std::int64_t>();
  } else if (value.is_number_float()) {
    const double d = value.get<double>();
    if (std::abs(d) < 9e15 && d == std::floor(d)) n = static_cast<std::int64_t>(d);
  } else {
    problems.add(pointer, fmt::format("expected an integer, got {}", type_name(value)));
    return std::nullopt;
  }
  if (!n || *n < least || *n > most) {
    problems.add(pointer, fmt::format("expected an integer of {} to {}, got {}", least, most, shown(value)));
    return std::nullopt;
  }
  return n;
}

std::optional<double> read_number(Problems& problems, const json& value, const std::string& pointer) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    problems.add(pointer, fmt::format("expected a finite number, got {}", value.is_number() ? shown(value) : type_name(value)));
    return std::nullopt;
  }
  return value.get<double>();
}

std::optional<std::string> read_text(Problems& problems, const json& value, const std::string& pointer) {
  if (!value.is_string()) {
    problems.add(pointer, fmt::format("expected a string, got {}", type_name(value)), value.is_primitive() && !value.is_null() ? "put it in quotes" : "");
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > kMaxTextLength) {
    problems.add(pointer, fmt::format("a string of {} bytes is longer than the limit of {}", text.size(), kMaxTextLength));
    return std::nullopt;
  }
  if (text.find('\0') != std::string::npos) {
    problems.add(pointer, "the string holds a NUL character");
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> read_name(Problems& problems, const json& value, const std::string& pointer) {
  auto text = read_text(problems, value, pointer);
  if (!text) return text;
  if (text->empty()) {
    problems.add(pointer, "must not be empty");
    return std::nullopt;
  }
  if (text->size() > kMaxNameLength) {
    problems.add(pointer, fmt::format("a name of {} bytes is longer than the limit of {}", text->size(), kMaxNameLength));
    return std::nullopt;
  }
  return text;
}

Fields::Fields(Problems& problems, const json& value, std::string pointer) : problems_(problems), pointer_(std::move(pointer)) {
  if (value.is_object())
    object_ = &value;
  else
    problems_.add(pointer_, fmt::format("expected an object, got {}", type_name(value)));
}

const json* Fields::take(std::string_view key) {
  known_.push_back(key);
  if (!object_) return nullptr;
  const auto it = object_->find(key);
  return it == object_->end() ? nullptr : &*it;
}

bool Fields::has(std::string_view key) const { return object_ && object_->contains(key); }

std::optional<std::string> Fields::text(std::string_view key) {
  const json* value = take(key);
  return value ? read_text(problems_, *value, at(key)) : std::nullopt;
}

std::optional<std::string> Fields::name(std::string_view key) {
  const json* value = take(key);
  return value ? read_name(problems_, *value, at(key)) : std::nullopt;
}

std::string Fields::required_name(std::string_view key) {
  if (is_object() && !has(key)) missing(key);
  return name(key).value_or("");
}

std::optional<std::string> Fields::selector(std::string_view key) {
  const json* value = take(key);
  return value ? read_selector(problems_, *value, at(key)) : std::nullopt;
}

bool Fields::flag(std::string_view key, bool otherwise) {
  const json* value = take(key);
  if (!value) return otherwise;
  if (!value->is_boolean()) {
    problems_.add(at(key), fmt::format("expected true or false, got {}", shown(*value)));
    return otherwise;
  }
  return value->get<bool>();
}

std::optional<std::int64_t> Fields::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const json* value = take(key);
  return value ? read_integer(problems_, *value, at(key), least, most) : std::nullopt;
}

std::optional<Duration> Fields::duration(std::string_view key, Zero zero) {
  const json* value = take(key);
  return value ? read_duration(problems_, *value, at(key), zero) : std::nullopt;
}

std::optional<DurationDistribution> Fields::distribution(std::string_view key, Forever forever) {
  const json* value = take(key);
  return value ? read_distribution(problems_, *value, at(key), forever) : std::nullopt;
}

std::optional<std::size_t> Fields::word(std::string_view key, std::initializer_list<std::string_view> words) {
  const json* value = take(key);
  if (!value) return std::nullopt;
  const auto text = read_text(problems_, *value, at(key));
  if (!text) return std::nullopt;
  const auto* const hit = std::find(words.begin(), words.end(), *text);
  if (hit != words.end()) return static_cast<std::size_t>(hit - words.begin());
  const std::vector<std::string_view> list(words);
  problems_.add(at(key), fmt::format("expected one of {}, got \"{}\"", fmt::join(list, ", "), shown(std::string_view(*text))),
                did_you_mean(*text, list));
  return std::nullopt;
}

const json* Fields::array(std::string_view key, std::size_t most) {
  const json* value = take(key);
  if (!value) return nullptr;
  if (!value->is_array()) {
    problems_.add(at(key), fmt::format("expected a list, got {}", type_name(*value)));
    return nullptr;
  }
  if (value->size() > most) {
    problems_.add(at(key), fmt::format("{} entries are more than the limit of {}", value->size(), most));
    return nullptr;
  }
  return value;
}

void Fields::missing(std::string_view key, std::string hint) {
  problems_.add(pointer_, fmt::format("the field \"{}\" is required", key), std::move(hint));
}

void Fields::finish() {
  if (!object_) return;
  for (const auto& entry : object_->items()) {
    if (std::find(known_.begin(), known_.end(), entry.key()) != known_.end()) continue;
    if (problems_.full()) {
      problems_.add({}, {});  // only counted: nobody reads a hint here
      continue;
    }
    std::string hint = did_you_mean(entry.key(), known_);
    if (hint.empty() && known_.size() <= 12) hint = fmt::format("known here: {}", fmt::join(known_, ", "));
    problems_.add(at(entry.key()), fmt::format("unknown field \"{}\"", shown(std::string_view(entry.key()))), std::move(hint));
  }
}

}  // namespace orrery::scenario_reading
