#pragma once
// Strict reading of one JSON object of a scenario: every field is asked for by name, and what nobody asked for is an error.
// All problems are collected; a getter that reports one returns nothing.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/core/diagnostic.hpp"
#include "orrery/core/distribution.hpp"

namespace orrery::scenario_reading {

using json = nlohmann::json;

/// The problems of a scenario and its manifests. An empty source means the scenario's own document, not yet located.
class Problems {
 public:
  void add(std::string pointer, std::string message, std::string hint = {});
  void add(Diagnostic problem);
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size() + dropped_; }
  /// Nothing more needs to be looked for.
  bool full() const { return dropped_ > 0; }
  /// The list, with a last entry for what did not fit.
  Diagnostics take();
  Diagnostics& list() { return list_; }

 private:
  Diagnostics list_;
  std::size_t dropped_ = 0;
};

/// Text from the input as it may stand in a message: cut when long, control characters and bad UTF-8 replaced.
std::string shown(std::string_view text);
std::string shown(const json& value);
/// "a string", "a number", …
std::string_view type_name(const json& value);
/// `parent/key`, escaped as RFC 6901 wants.
std::string child(std::string_view parent, std::string_view key);
std::string child(std::string_view parent, std::size_t index);
/// "did you mean "x"?" for the candidate that is likely meant, else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

enum class Forever : bool { refused, allowed };
enum class Zero : bool { refused, allowed };

/// A duration of 0..kSampleMax: a string in Go's syntax plus d, or a number of seconds.
std::optional<Duration> read_duration(Problems& problems, const json& value, const std::string& pointer, Zero zero = Zero::allowed);
/// The same from the text of a command line.
std::optional<Duration> read_duration(Problems& problems, std::string_view text, const std::string& pointer, Zero zero = Zero::allowed);
/// A duration, "forever" where allowed, or a distribution.
std::optional<DurationDistribution> read_distribution(Problems& problems, const json& value, const std::string& pointer,
                                                      Forever forever = Forever::refused);
/// An integer of [least, most]; 4.0 counts as one.
std::optional<std::int64_t> read_integer(Problems& problems, const json& value, const std::string& pointer, std::int64_t least,
                                         std::int64_t most);
/// A finite number.
std::optional<double> read_number(Problems& problems, const json& value, const std::string& pointer);
/// A string without NUL, not longer than kMaxTextLength.
std::optional<std::string> read_text(Problems& problems, const json& value, const std::string& pointer);
/// A string of 1..kMaxNameLength bytes.
std::optional<std::string> read_name(Problems& problems, const json& value, const std::string& pointer);
/// A label selector: kubectl's syntax, or an object with matchLabels and matchExpressions, turned into that syntax.
std::optional<std::string> read_selector(Problems& problems, const json& value, const std::string& pointer);

class Fields {
 public:
  /// Reports when `value` is not an object; then every field is absent.
  Fields(Problems& problems, const json& value, std::string pointer);
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  bool is_object() const { return object_ != nullptr; }
  /// The value of a field, null when absent. The field counts as known from now on.
  const json* take(std::string_view key);
  bool has(std::string_view key) const;
  std::string at(std::string_view key) const { return child(pointer_, key); }
  const std::string& pointer() const { return pointer_; }
  Problems& problems() { return problems_; }

  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> name(std::string_view key);
  /// As `name`; reports when absent.
  std::string required_name(std::string_view key);
  std::optional<std::string> selector(std::string_view key);
  bool flag(std::string_view key, bool otherwise = false);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<Duration> duration(std::string_view key, Zero zero = Zero::allowed);
  std::optional<DurationDistribution> distribution(std::string_view key, Forever forever = Forever::refused);
  /// One of the words; reports others with a suggestion. Its index.
  std::optional<std::size_t> word(std::string_view key, std::initializer_list<std::string_view> words);
  /// The elements of an array of at most `most`; reports other types and longer ones. Null when absent or wrong.
  const json* array(std::string_view key, std::size_t most);

  void missing(std::string_view key, std::string hint = {});
  /// Reports the fields nobody asked for.
  void finish();

 private:
  Problems& problems_;
  const json* object_ = nullptr;
  std::string pointer_;
  std::vector<std::string_view> known_;
};

}  // namespace orrery::scenario_reading
