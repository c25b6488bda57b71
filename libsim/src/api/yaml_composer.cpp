#include "api/yaml_composer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/yaml_scalar.hpp"

namespace orrery::detail {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxExcerpt = 80;  // bytes of a text quoted in a problem
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

std::string_view text_of(const yaml_char_t* text) { return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text); }

// "!!int" for YAML's own tags, as people write them.
std::string short_tag(std::string_view tag) {
  if (tag.substr(0, kTagPrefix.size()) == kTagPrefix) return "!!" + std::string(tag.substr(kTagPrefix.size()));
  return std::string(tag);
}

// What a copy of the tree costs: its nodes, and its text in units of 32 bytes.
void measure(const json& value, std::size_t& weight, std::size_t& height) {
  weight += 1;
  std::size_t inner = 0;
  if (const auto* text = value.get_ptr<const json::string_t*>()) weight += text->size() / 32;
  if (value.is_structured()) {
    for (const auto& [key, child] : value.items()) {
      std::size_t child_height = 0;
      if (value.is_object()) weight += key.size() / 32;
      measure(child, weight, child_height);
      inner = std::max(inner, child_height);
    }
    height = inner + 1;
  }
}

}  // namespace

// Owns one event. libyaml allocates its texts.
struct YamlComposer::Event {
  Event() = default;
  ~Event() { yaml_event_delete(&raw); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t raw{};
};

YamlComposer::YamlComposer(std::string_view text, std::uint32_t first_line, PositionIndex* positions, ProblemSink& problems)
    : text_(text), first_line_(first_line), positions_(positions), problems_(problems) {
  usable_ = yaml_parser_initialize(&parser_) != 0;
  if (!usable_) throw std::bad_alloc();
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

YamlComposer::~YamlComposer() {
  if (usable_) yaml_parser_delete(&parser_);
}

YamlComposer::Outcome YamlComposer::next(json& value) {
  anchors_.clear();
  open_anchors_.clear();
  pointer_.clear();
  const std::size_t before = problems_.count();
  for (;;) {
    Event event;
    if (!parse(event)) return Outcome::kSyntaxError;
    if (event.raw.type == YAML_STREAM_END_EVENT || event.raw.type == YAML_NO_EVENT) return Outcome::kEnd;
    if (event.raw.type != YAML_DOCUMENT_START_EVENT) continue;
    line_ = static_cast<std::uint32_t>(event.raw.start_mark.line);
    Event root;
    Event end;
    if (!parse(root) || !node(root, value, 0) || !parse(end)) return give_up_ ? Outcome::kEnd : Outcome::kSyntaxError;
    return problems_.count() == before ? Outcome::kDocument : Outcome::kBadDocument;
  }
}

bool YamlComposer::parse(Event& event) {
  if (yaml_parser_parse(&parser_, &event.raw) != 0) return true;
  syntax_problem();
  return false;
}

bool YamlComposer::node(const Event& event, json& out, std::size_t depth) {
  if (problems_.full()) {
    give_up_ = true;
    return false;
  }
  note_position(event.raw.start_mark);
  std::string_view anchor;
  std::string_view tag;
  switch (event.raw.type) {
    case YAML_ALIAS_EVENT: return alias(event, out, depth);
    case YAML_SCALAR_EVENT:
      if (!scalar(event, out)) return false;
      anchor = text_of(event.raw.data.scalar.anchor);
      if (!anchor.empty()) remember(std::string(anchor), out);
      return true;
    case YAML_SEQUENCE_START_EVENT:
      anchor = text_of(event.raw.data.sequence_start.anchor);
      tag = text_of(event.raw.data.sequence_start.tag);
      break;
    default:
      anchor = text_of(event.raw.data.mapping_start.anchor);
      tag = text_of(event.raw.data.mapping_start.tag);
      break;
  }
  const bool is_sequence = event.raw.type == YAML_SEQUENCE_START_EVENT;
  if (!tag.empty() && tag != "!" && tag != (is_sequence ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map"))
    problem(event.raw.start_mark, fmt::format("unsupported tag {}", short_tag(tag)));
  if (depth >= kMaxNesting) {
    problem(event.raw.start_mark, fmt::format("mappings and sequences are nested more than {} deep", kMaxNesting));
    give_up_ = true;
    return false;
  }
  if (!anchor.empty()) open_anchors_.emplace_back(anchor);
  if (!(is_sequence ? sequence(out, depth) : mapping(out, depth))) return false;
  if (!anchor.empty()) {
    open_anchors_.pop_back();
    remember(std::string(anchor), out);
  }
  return true;
}

bool YamlComposer::scalar(const Event& event, json& out) {
  const auto& raw = event.raw.data.scalar;
  const std::string_view text(reinterpret_cast<const char*>(raw.value), raw.length);
  const std::string_view tag = text_of(raw.tag);
  if (tag.empty() && raw.style != YAML_PLAIN_SCALAR_STYLE) {
    out = text;
    return true;
  }
  if (tag == "!" || tag == "tag:yaml.org,2002:str" || tag == "tag:yaml.org,2002:timestamp") {
    out = text;
    return true;
  }
  ScalarKind kind = resolve_plain(text, out);
  if (kind == ScalarKind::kNotFinite) {
    problem(event.raw.start_mark, fmt::format("{} is not a number that JSON has", text), "quote it if it is meant as text");
    return true;
  }
  if (tag.empty()) return true;
  const std::string_view wanted = tag.substr(0, kTagPrefix.size()) == kTagPrefix ? tag.substr(kTagPrefix.size()) : tag;
  const bool fits = (wanted == "null" && kind == ScalarKind::kNull) || (wanted == "bool" && kind == ScalarKind::kBool) ||
                    (wanted == "int" && kind == ScalarKind::kInteger) ||
                    (wanted == "float" && (kind == ScalarKind::kInteger || kind == ScalarKind::kFloat));
  if (!fits) {
    const bool known = wanted == "null" || wanted == "bool" || wanted == "int" || wanted == "float";
    problem(event.raw.start_mark, known ? fmt::format("\"{}\" is not a {}", excerpt(text, kMaxExcerpt), short_tag(tag))
                                        : fmt::format("unsupported tag {}", short_tag(tag)));
  }
  return true;
}

bool YamlComposer::alias(const Event& event, json& out, std::size_t depth) {
  const std::string_view name = text_of(event.raw.data.alias.anchor);
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    const bool inside = std::find(open_anchors_.begin(), open_anchors_.end(), name) != open_anchors_.end();
    problem(event.raw.start_mark, inside ? fmt::format("anchor '{}' value contains itself", name) : fmt::format("unknown anchor '{}' referenced", name));
    return true;
  }
  expanded_ += found->second.weight;
  if (expanded_ > kMaxAliasExpansion) {
    problem(event.raw.start_mark, fmt::format("aliases expand to more than {} nodes", kMaxAliasExpansion));
    give_up_ = true;
    return false;
  }
  if (depth + found->second.height > kMaxNesting) {
    problem(event.raw.start_mark, fmt::format("mappings and sequences are nested more than {} deep", kMaxNesting));
    give_up_ = true;
    return false;
  }
  out = found->second.value;
  return true;
}

bool YamlComposer::sequence(json& out, std::size_t depth) {
  auto& items = *(out = json::array()).get_ptr<json::array_t*>();
  const std::size_t pointer_size = pointer_.size();
  for (;;) {
    Event event;
    if (!parse(event)) return false;
    if (event.raw.type == YAML_SEQUENCE_END_EVENT) return true;
    if (positions_ != nullptr) append_token(pointer_, std::to_string(items.size()));
    items.emplace_back();
    if (!node(event, items.back(), depth + 1)) return false;
    pointer_.resize(pointer_size);
  }
}

bool YamlComposer::mapping(json& out, std::size_t depth) {
  auto& members = *(out = json::object()).get_ptr<json::object_t*>();
  const std::size_t pointer_size = pointer_.size();
  std::vector<json> merged;
  yaml_mark_t merge_mark{};
  for (;;) {
    Event key_event;
    if (!parse(key_event)) return false;
    if (key_event.raw.type == YAML_MAPPING_END_EVENT) break;
    bool is_merge = false;
    std::string key;
    const bool usable = key_text(key_event, key, is_merge);
    if (key_event.raw.type != YAML_SCALAR_EVENT && key_event.raw.type != YAML_ALIAS_EVENT) {
      json dropped;
      if (!node(key_event, dropped, depth + 1)) return false;
    }
    Event value_event;
    if (!parse(value_event)) return false;
    json elsewhere;
    json* slot = &elsewhere;
    if (usable && !is_merge) {
      const std::size_t before = members.size();
      const auto member = members.emplace_hint(members.end(), key, nullptr);
      if (members.size() == before) {
        problem(key_event.raw.start_mark, fmt::format("duplicate key \"{}\"", key));
      } else {
        slot = &member->second;
      }
      if (positions_ != nullptr) {
        append_token(pointer_, key);
        note_position(key_event.raw.start_mark);
      }
    }
    if (!node(value_event, *slot, depth + 1)) return false;
    pointer_.resize(pointer_size);
    if (is_merge) {
      merge_mark = value_event.raw.start_mark;
      merged.push_back(std::move(elsewhere));
    }
  }
  merge(out, merged, merge_mark);
  return true;
}

// A key as the text it has in JSON. False (with a problem) when it cannot be one.
bool YamlComposer::key_text(const Event& event, std::string& out, bool& is_merge) {
  json value;
  if (event.raw.type == YAML_ALIAS_EVENT) {
    if (!alias(event, value, 0)) return false;
  } else if (event.raw.type == YAML_SCALAR_EVENT) {
    const auto& raw = event.raw.data.scalar;
    if (raw.style == YAML_PLAIN_SCALAR_STYLE && raw.length == 2 && std::string_view(reinterpret_cast<const char*>(raw.value), 2) == "<<") {
      is_merge = true;
      return true;
    }
    scalar(event, value);
    if (const std::string_view anchor = text_of(raw.anchor); !anchor.empty()) remember(std::string(anchor), value);
  } else {
    problem(event.raw.start_mark, "a mapping or sequence cannot be a key");
    return false;
  }
  if (auto* text = value.get_ptr<json::string_t*>()) {
    out = std::move(*text);
    return true;
  }
  if (value.is_boolean() || value.is_number()) {
    out = value.dump();
    return true;
  }
  problem(event.raw.start_mark, value.is_null() ? "null cannot be a key" : "a mapping or sequence cannot be a key");
  return false;
}

// A key of the mapping itself wins over a merged one, and an earlier source over a later one (YAML's merge key type).
void YamlComposer::merge(json& into, const std::vector<json>& sources, const yaml_mark_t& mark) {
  const auto add = [&](const json& source) {
    if (!source.is_object()) {
      problem(mark, "map merge requires map or sequence of maps as the value");
      return;
    }
    for (const auto& [key, value] : source.items())
      if (!into.contains(key)) into[key] = value;
  };
  for (const json& source : sources) {
    if (source.is_array()) {
      for (const json& item : source) add(item);
    } else {
      add(source);
    }
  }
}

void YamlComposer::remember(std::string name, const json& value) {
  Anchor anchor;
  measure(value, anchor.weight, anchor.height);
  // The copy kept for later counts too: a chain of nested anchors would otherwise be quadratic.
  expanded_ += anchor.weight;
  if (expanded_ > kMaxAliasExpansion) anchor.weight = kMaxAliasExpansion + 1;
  else anchor.value = value;
  anchors_.insert_or_assign(std::move(name), std::move(anchor));
}

void YamlComposer::problem(const yaml_mark_t& mark, std::string message, std::string hint) {
  problems_.add(first_line_ + static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1,
                std::move(message), std::move(hint));
}

void YamlComposer::syntax_problem() {
  if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  yaml_mark_t mark = parser_.problem_mark;
  if (parser_.error == YAML_READER_ERROR) mark = parser_.mark;
  line_ = static_cast<std::uint32_t>(mark.line);
  std::string message = "invalid YAML: ";
  message += parser_.problem == nullptr ? "unreadable" : parser_.problem;
  if (parser_.error == YAML_READER_ERROR) {
    message += fmt::format(" (byte {:#04x} at offset {})", parser_.problem_value, parser_.problem_offset);
  } else if (parser_.context != nullptr) {
    message += fmt::format(", {}", parser_.context);
    if (parser_.context_mark.line != mark.line)
      message += fmt::format(" that began on line {}", first_line_ + parser_.context_mark.line + 1);
  }
  std::string hint;
  LineCursor lines(text_);
  const std::size_t at = lines.offset_of_line(line_);
  const std::string_view rest = text_.substr(at);
  if (rest.find_first_not_of(" ") != std::string_view::npos && rest[rest.find_first_not_of(" ")] == '\t')
    hint = "YAML does not allow tabs in the indentation";
  problem(mark, std::move(message), std::move(hint));
}

void YamlComposer::note_position(const yaml_mark_t& mark) {
  if (positions_ == nullptr) return;
  positions_->by_pointer.emplace(
      pointer_, TextPosition{first_line_ + static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1});
}

}  // namespace orrery::detail
