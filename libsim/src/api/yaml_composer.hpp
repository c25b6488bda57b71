#pragma once
// Turns libyaml's events into JSON trees, one document at a time.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <yaml.h>

#include "api/reading.hpp"

namespace orrery::detail {

class YamlComposer {
 public:
  /// `text` must outlive the composer. `first_line` (from 0) is the line of the file on which `text` begins.
  /// `positions` may be null; otherwise it is filled with the nodes of each document read.
  YamlComposer(std::string_view text, std::uint32_t first_line, PositionIndex* positions, ProblemSink& problems);
  ~YamlComposer();
  YamlComposer(const YamlComposer&) = delete;
  YamlComposer& operator=(const YamlComposer&) = delete;

  enum class Outcome {
    kDocument,       ///< `value` is complete
    kBadDocument,    ///< it had problems, but the next one can be read
    kEnd,            ///< no more documents
    kSyntaxError,    ///< the text cannot be read on from here
  };
  Outcome next(nlohmann::json& value);
  /// The line of `text`, from 0, on which the last document began or the syntax error is.
  std::uint32_t line() const { return line_; }

 private:
  struct Event;
  struct Anchor {
    nlohmann::json value;
    std::size_t weight = 0;  // what copying it costs of kMaxAliasExpansion
    std::size_t height = 0;  // levels of nesting inside it
  };

  bool parse(Event& event);
  bool node(const Event& event, nlohmann::json& out, std::size_t depth);
  bool scalar(const Event& event, nlohmann::json& out);
  bool alias(const Event& event, nlohmann::json& out, std::size_t depth);
  bool sequence(nlohmann::json& out, std::size_t depth);
  bool mapping(nlohmann::json& out, std::size_t depth);
  bool key_text(const Event& event, std::string& out, bool& is_merge);
  void merge(nlohmann::json& into, const std::vector<nlohmann::json>& sources, const yaml_mark_t& mark);
  void remember(std::string name, const nlohmann::json& value);
  void problem(const yaml_mark_t& mark, std::string message, std::string hint = {});
  void syntax_problem();
  void note_position(const yaml_mark_t& mark);

  std::string_view text_;
  std::uint32_t first_line_;
  PositionIndex* positions_;
  ProblemSink& problems_;
  yaml_parser_t parser_{};
  bool usable_ = false;
  bool give_up_ = false;  // a limit was exceeded: do not read on
  std::uint32_t line_ = 0;
  std::string pointer_;
  std::map<std::string, Anchor, std::less<>> anchors_;
  std::vector<std::string> open_anchors_;
  std::size_t expanded_ = 0;
};

}  // namespace orrery::detail
