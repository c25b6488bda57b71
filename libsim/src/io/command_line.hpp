#pragma once
// The words of a command line of kubectl, sorted into arguments and flags.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields.hpp"

namespace orrery::scenario_reading {

/// Splits as a shell does, without its expansions. Empty on success, else what is wrong.
std::string split_words(std::string_view line, std::vector<std::string>& out);

/// A flag that a command knows.
struct Flag {
  std::string_view name;
  char letter = 0;
  enum class Takes : std::uint8_t { nothing, value, maybe } takes = Takes::value;
};
using Takes = Flag::Takes;

constexpr Flag kNamespace{"namespace", 'n', Takes::value};
constexpr Flag kFile{"filename", 'f', Takes::value};
constexpr Flag kSelector{"selector", 'l', Takes::value};
constexpr Flag kAll{"all", 0, Takes::nothing};
constexpr Flag kAllNamespaces{"all-namespaces", 'A', Takes::nothing};
constexpr Flag kForce{"force", 0, Takes::nothing};
constexpr Flag kGrace{"grace-period", 0, Takes::value};
constexpr Flag kTimeout{"timeout", 0, Takes::value};
constexpr Flag kWait{"wait", 0, Takes::nothing};
constexpr Flag kOverwrite{"overwrite", 0, Takes::nothing};
constexpr Flag kImage{"image", 0, Takes::value};

class CommandLine {
 public:
  CommandLine(Problems& problems, std::string pointer, std::vector<std::string> words)
      : problems_(problems), pointer_(std::move(pointer)), words_(std::move(words)) {}

  void fail(std::string message, std::string hint = {}) const { problems_.add(pointer_, std::move(message), std::move(hint)); }
  Problems& problems() const { return problems_; }
  const std::string& pointer() const { return pointer_; }

  /// The next word, to find the command.
  std::string_view peek() const { return next_ < words_.size() ? std::string_view(words_[next_]) : std::string_view(); }
  void skip() { ++next_; }

  /// Flags before the command: those that every command knows.
  bool parse_leading();
  /// Sorts the rest into arguments and flags. False, and reported, when a flag is not among the known or the common ones.
  bool parse(const std::vector<Flag>& known);

  bool given(std::string_view flag) const {
    return std::any_of(values_.begin(), values_.end(), [&](const auto& v) { return v.first == flag; });
  }
  bool is_on(std::string_view flag) const { return given(flag) && value(flag) != "false"; }
  /// The last value given; empty when there is none.
  std::string value(std::string_view flag) const {
    std::string out;
    for (const auto& v : values_)
      if (v.first == flag) out = v.second;
    return out;
  }
  std::vector<std::string> all(std::string_view flag) const {
    std::vector<std::string> out;
    for (const auto& v : values_)
      if (v.first == flag) out.push_back(v.second);
    return out;
  }
  /// Reports what is no integer of at least `least`.
  std::optional<std::int64_t> integer(std::string_view flag, std::int64_t least) const;

  std::vector<std::string> arguments;
  std::vector<std::string> after_dashes;

 private:
  void parse_flag(const std::string& word, const std::vector<Flag>& known);

  Problems& problems_;
  std::string pointer_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::vector<std::pair<std::string_view, std::string>> values_;
};

}  // namespace orrery::scenario_reading
