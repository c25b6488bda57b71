#pragma once
// Assertions about a run: the entries of `spec.expect`. Only their parsed form; who runs the scenario evaluates them.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "orrery/core/time.hpp"
#include "orrery/io/source_ref.hpp"

namespace orrery {

struct Expectation {
  /// When the condition must hold.
  enum class When : std::uint8_t {
    instant,     ///< at `at`; with `within`, at some instant of [at, at + within]
    end,         ///< when the run is over
    always,      ///< at every instant of the run, or of [0, within]
    never,       ///< at no instant of the run, or of [0, within]
    eventually,  ///< at some instant of the run, or of [0, within]
  };
  /// What is asked of the value at `path`. A value that is not there equals null and meets nothing else.
  enum class Test : std::uint8_t {
    exists,    ///< the object exists, and the value where there is a `path`
    equals,    ///< the same JSON value; numbers by value
    at_least,  ///< a number (or a quantity or duration string) not below `value`
    at_most,   ///< not above `value`
    matches,   ///< a string that the ECMAScript regular expression `value` matches somewhere
  };
  /// How many of the selected objects must meet the test.
  struct Count {
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
  };

  When when = When::end;
  Duration at{};                   ///< since t = 0; only with When::instant
  std::optional<Duration> within;

  std::string kind;                ///< as in Kubernetes: "DaemonSet"
  std::string ns;                  ///< "default" unless given; empty for kinds without namespace
  std::string name;                ///< empty = all objects of the kind and namespace that `selector` selects
  std::string selector;            ///< label selector in kubectl's syntax; empty = every object
  std::optional<Count> count;      ///< with an empty `name` only. Absent there: every selected object, and at least one

  std::string path;                ///< RFC 6901 pointer into the object; empty = the object as a whole
  Test test = Test::exists;
  nlohmann::json value;            ///< to compare with; null with Test::exists
  SourceRef from;
};

}  // namespace orrery
