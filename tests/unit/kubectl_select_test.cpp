// What selects and orders objects before they are printed: --sort-by and --field-selector (K-017).
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "orrery/kubectl/field_selector.hpp"
#include "orrery/kubectl/sort_by.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

std::string order(const json& values, const char* path = ".v") {
  std::vector<json> objects;
  for (const json& v : values) objects.push_back(v.is_null() ? json{{"n", objects.size()}} : json{{"v", v}, {"n", objects.size()}});
  const auto field = parse_field_path(path);
  REQUIRE(field);
  std::string problem, out;
  if (!sort_by_field(objects, *field, &problem)) return problem;
  for (const json& o : objects) out += std::to_string(o["n"].get<int>());
  return out;
}

}  // namespace

TEST_CASE("K-017: the order of values") {
  CHECK(order({"a10", "a2", "a1"}) == "210");
  CHECK(order({"a02", "a2", "a10"}) == "102");
  CHECK(order({"b", "a", "B", "1"}) == "3210");
  CHECK(order({10, 9, 100}) == "102");
  CHECK(order({2.5, 2, -1}) == "210");
  CHECK(order({"1Gi", "500Mi", "2k"}) == "210");  // quantities by amount
  CHECK(order({true, false}) == "10");
  CHECK(order({"x", nullptr, "a", nullptr}) == "1320");  // what lacks the field comes first, in its old order
  CHECK(order({"same", "same"}) == "01");
  CHECK(order({nullptr, nullptr}) == "couldn't find any field with path \"{.v}\" in the list of objects");
  CHECK(order({"a", 1}) == "unsortable values at \"{.v}\"");
  CHECK(order({json::object(), json::object()}) == "unsortable values at \"{.v}\"");
  CHECK(order(json::array()).empty());
}

TEST_CASE("natural order") {
  const std::vector<std::string> sorted{"", "0", "00", "1", "2", "10", "a", "a0", "a00", "a1", "a01", "a2", "a10", "a10b", "ab", "b"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      CAPTURE(sorted[i]);
      CAPTURE(sorted[j]);
      CHECK(natural_less(sorted[i], sorted[j]) == (i < j));
    }
}

TEST_CASE("paths") {
  const json o = {{"a", {{"b/c", 1}, {"x.y", 2}, {"l", {{{"k", 3}}, {{"k", 4}}}}}}};
  const std::vector<std::pair<const char*, json>> good{
      {".a['b/c']", 1}, {"{.a[\"b/c\"]}", 1}, {"a.b/c", 1}, {R"(.a.x\.y)", 2}, {".a.l[0].k", 3}, {"{a.l[-1].k}", 4}, {".a.l[*].k", 3}, {".a.*", 1}, {".a.l[2].k", nullptr}, {".z", nullptr}};
  for (const auto& row : good) {
    const std::string text = row.first;
    CAPTURE(text);
    const auto path = parse_field_path(text);
    REQUIRE(path);
    const json* found = find_field(o, *path);
    CHECK((found == nullptr ? json() : *found) == row.second);
  }
  for (const char* text : {"", ".", "{", "{.a", "a..b", ".a.", ".a[", ".a[x]", ".a[1", ".a[]", ".a[0]b", "a b", "{.a}{.b}", ".a\\", "$.a", ".a['x", "/metadata/name", "/metadata/~2", ".a~2"}) {
    CAPTURE(text);
    std::string problem;
    CHECK(!parse_field_path(text, &problem));
    CHECK(!problem.empty());
  }
}

TEST_CASE("field selectors") {
  const json pod = {{"metadata", {{"name", "p"}, {"namespace", "x"}}}, {"spec", {{"nodeName", "n-1"}}}, {"status", {{"phase", "Running"}}}};
  const json event = {{"reason", "Killing"}, {"type", "Normal"}, {"source", {{"component", "kubelet"}}}, {"involvedObject", {{"kind", "Pod"}, {"name", "p"}}}};
  struct Case {
    const char* kind;
    const json* o;
    const char* text;
    bool matches;
  };
  const json job = {{"metadata", {{"name", "j"}}}, {"status", {{"succeeded", 3}}}};
  for (const Case& c : std::vector<Case>{{"po", &pod, "", true},
                                         {"po", &pod, "status.phase=Running", true},
                                         {"po", &pod, "status.phase==Running , spec.nodeName=n-1", true},
                                         {"po", &pod, "status.phase!=Running", false},
                                         {"po", &pod, "spec.nodeName!=n-2", true},
                                         {"po", &pod, "metadata.name=p,metadata.namespace=x", true},
                                         {"po", &pod, "status.nominatedNodeName=", true},
                                         {"jobs", &job, "status.successful=3", true},
                                         {"no", &job, "spec.unschedulable=false", true},
                                         {"ev", &event, "involvedObject.kind=Pod,involvedObject.name=p,reason=Killing", true},
                                         {"ev", &event, "source=kubelet,type!=Warning", true}}) {
    CAPTURE(c.text);
    const auto selector = FieldSelector::parse(*resolve_kind(c.kind), c.text);
    REQUIRE(selector);
    CHECK(selector->matches(*c.o) == c.matches);
  }
  for (const auto& row : std::vector<std::pair<const char*, const char*>>{{"po", "status.phase"}, {"po", "spec.x=1"}, {"no", "metadata.namespace=x"}, {"ds", "status.phase=x"}, {"po", "=x"}}) {
    const std::string text = row.second;
    CAPTURE(text);
    std::string problem;
    CHECK(!FieldSelector::parse(*resolve_kind(row.first), text, &problem));
    CHECK(!problem.empty());
  }
}
