#include "orrery/api/patch.hpp"

#include <string>

#include <doctest/doctest.h>

#include "orrery/api/yaml.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

// The result as text, or the problem.
std::string outcome(const Result<json>& result) { return result ? result->dump() : to_string(result.problems().at(0)); }

std::string normal(const char* text) { return text[0] == '{' || text[0] == '[' ? json::parse(text).dump() : text; }

// The original with a list of containers, patched.
std::string strategic(const char* original, const char* patch) {
  return outcome(strategic_merge_patch(json::parse(original), json::parse(patch), std::string_view("Pod")));
}

}  // namespace

TEST_SUITE("patch") {
  TEST_CASE("JSON patch: every operation, and what the API server says when it does not apply") {
    struct Row {
      const char* patch;
      const char* result;
    };
    const char* original = R"({"a":{"b":[1,2,3],"c/d":"x","e~f":null},"g":true})";
    const Row rows[] = {
        {R"([])", R"({"a":{"b":[1,2,3],"c/d":"x","e~f":null},"g":true})"},
        {R"([{"op":"add","path":"/h","value":{"i":1}}])", R"({"a":{"b":[1,2,3],"c/d":"x","e~f":null},"g":true,"h":{"i":1}})"},
        {R"([{"op":"add","path":"/a/b/1","value":9}])", R"({"a":{"b":[1,9,2,3],"c/d":"x","e~f":null},"g":true})"},
        {R"([{"op":"add","path":"/a/b/-","value":9}])", R"({"a":{"b":[1,2,3,9],"c/d":"x","e~f":null},"g":true})"},
        {R"([{"op":"add","path":"/a/b/-1","value":9}])", R"({"a":{"b":[1,2,3,9],"c/d":"x","e~f":null},"g":true})"},
        {R"([{"op":"remove","path":"/a/b"},{"op":"remove","path":"/a/c~1d"},{"op":"remove","path":"/a/e~0f"}])", R"({"a":{},"g":true})"},
        {R"([{"op":"remove","path":"/a/b/-1"}])", R"({"a":{"b":[1,2],"c/d":"x","e~f":null},"g":true})"},
        {R"([{"op":"replace","path":"/a","value":1}])", R"({"a":1,"g":true})"},
        {R"([{"op":"replace","path":"/new","value":1},{"op":"remove","path":"/a"}])", R"({"g":true,"new":1})"},
        {R"([{"op":"replace","path":"","value":{"z":1}}])", R"({"z":1})"},
        {R"([{"op":"move","from":"/a/b/0","path":"/g"},{"op":"remove","path":"/a"}])", R"({"g":1})"},
        {R"([{"op":"copy","from":"/a/b","path":"/g"},{"op":"remove","path":"/a"}])", R"({"g":[1,2,3]})"},
        {R"([{"op":"test","path":"/a/b","value":[1,2,3]},{"op":"test","path":"/none","value":null},{"op":"replace","path":"/a","value":1}])", R"({"a":1,"g":true})"},
        {R"([{"op":"test","path":"/g","value":false}])", "/0: testing value /g failed: test failed"},
        {R"([{"op":"test","path":"/g","value":true},{"op":"test","path":"/x/y","value":1}])", "/1: test operation does not apply: is missing path: /x/y: missing value"},
        {R"([{"op":"add","path":"","value":1}])", "/0: add operation does not apply: doc is missing path: \"\": missing value"},
        {R"([{"op":"add","path":"/x/y","value":1}])", "/0: add operation does not apply: doc is missing path: \"/x/y\": missing value"},
        {R"([{"op":"add","path":"/a/b/9","value":1}])", "/0: error in add for path: '/a/b/9': Unable to access invalid index: 9: invalid index referenced"},
        {R"([{"op":"add","path":"/a/b/x","value":1}])", "/0: error in add for path: '/a/b/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax"},
        {R"([{"op":"remove","path":"/x"}])", "/0: error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"},
        {R"([{"op":"remove","path":"/g/x"}])", "/0: remove operation does not apply: doc is missing path: \"/g/x\": missing value"},
        {R"([{"op":"replace","path":"/a/b/7","value":1}])", "/0: replace operation does not apply: doc is missing key: /a/b/7: missing value"},
        {R"([{"op":"move","from":"/x","path":"/y"}])", "/0: error in move for path: 'x': Unable to remove nonexistent key: x: missing value"},
        {R"([{"op":"copy","from":"/x/y","path":"/y"}])", "/0: copy operation does not apply: doc is missing from path: /x/y: missing value"},
        {R"([{"op":"frob","path":"/x"}])", "/0: Unexpected kind: frob"},
        {R"([{"path":"/x"}])", "/0: Unexpected kind: unknown"},
        {R"([{"op":"add","value":1}])", "/0: add operation failed to decode path: missing value"},
        {R"([3])", "/0: Invalid JSON Patch: an operation is an object"},
        {R"({"op":"add"})", "Invalid JSON Patch: it is a list of operations"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.patch));
      CHECK(outcome(json_patch(json::parse(original), json::parse(row.patch))) == normal(row.result));
    }
  }

  TEST_CASE("JSON patch: hostile patches end at a limit") {
    json doubling = json::array();
    for (int i = 0; i < 40; ++i) doubling.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/a/" + std::to_string(i)}});
    const auto grown = json_patch(json::parse(R"({"a":{}})"), doubling);
    REQUIRE_FALSE(grown);
    json wide = json::array();
    for (int i = 0; i < 40; ++i) wide.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/b/-"}});
    const auto big = json_patch(json{{"a", std::string(100'000, 'x')}, {"b", json::array()}}, wide);
    REQUIRE_FALSE(big);
    CHECK(big.problems()[0].message == "Unable to complete the copy, the accumulated size increase of copy is 3200064, exceeding the limit 3145728");
    json deeper = json::array();
    for (int i = 0; i < 200; ++i) deeper.push_back({{"op", "move"}, {"from", "/a"}, {"path", "/b"}});
    json deep = json::object();
    for (std::size_t i = 0; i < kMaxNesting; ++i) deep = json{{"a", std::move(deep)}};
    CHECK_FALSE(json_patch(json::object(), json::array({{{"op", "add"}, {"path", "/a"}, {"value", deep}}})));
    const json many(kMaxJsonPatchOperations + 1, json::object());
    CHECK(outcome(json_patch(json::object(), many)) == "The allowed maximum operations in a JSON patch is 10000, got 10001");
  }

  TEST_CASE("merge patch") {
    struct Row {
      const char* original;
      const char* patch;
      const char* result;
    };
    const Row rows[] = {
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"({"e":null})", R"({"a":1})", R"({"a":1,"e":null})"},
        {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
        {R"({"a":1})", R"({"a":{"b":[{"c":null}]}})", R"({"a":{"b":[{}]}})"},
        {R"({"a":{"b":1}})", R"({"a":[{"c":null}]})", R"({"a":[{"c":null}]})"},
        {R"({"a":1})", R"([1])", "Invalid JSON Patch (a merge patch is an object, and so is what it is applied to)"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.patch));
      CHECK(outcome(merge_patch(json::parse(row.original), json::parse(row.patch))) == normal(row.result));
    }
  }

  TEST_CASE("strategic merge patch: lists by key, directives, order, and upstream's refusals") {
    struct Row {
      const char* rule;
      const char* original;
      const char* patch;
      const char* result;
    };
    const Row rows[] = {
        {"items are merged by key in place, new ones appended behind what was there",
         R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}})", R"({"spec":{"containers":[{"name":"b","image":"2"}]}})",
         R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}})"},
        {"a new item comes before the old ones, as it has no place among them",
         R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"name":"c","image":null,"env":[]}]}})",
         R"({"spec":{"containers":[{"name":"c","env":[]},{"name":"a"}]}})"},
        {"nested lists are merged too", R"({"spec":{"containers":[{"name":"a","env":[{"name":"x","value":"1"},{"name":"y","value":"1"}]}]}})",
         R"({"spec":{"containers":[{"name":"a","env":[{"name":"y","value":"2"},{"name":"x","$patch":"delete"}]}]}})",
         R"({"spec":{"containers":[{"name":"a","env":[{"name":"y","value":"2"}]}]}})"},
        {"an atomic list is replaced", R"({"spec":{"tolerations":[{"key":"a"},{"key":"b"}]}})", R"({"spec":{"tolerations":[{"key":"c"}]}})",
         R"({"spec":{"tolerations":[{"key":"c"}]}})"},
        {"null deletes", R"({"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"nodeName":"n"}})", R"({"metadata":{"labels":{"a":null,"c":null}},"spec":{"nodeName":null}})",
         R"({"metadata":{"labels":{"b":"2"}},"spec":{}})"},
        {"$patch: replace of a map", R"({"metadata":{"labels":{"a":"1"}}})", R"({"metadata":{"labels":{"$patch":"replace","b":"2"}}})", R"({"metadata":{"labels":{"b":"2"}}})"},
        {"$patch: delete of a map", R"({"metadata":{"labels":{"a":"1"}}})", R"({"metadata":{"labels":{"$patch":"delete"}}})", R"({"metadata":{"labels":{}}})"},
        {"$patch: replace of a list", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})", R"({"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}})",
         R"({"spec":{"containers":[{"name":"c"}]}})"},
        {"$patch: delete of an item", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})", R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})",
         R"({"spec":{"containers":[{"name":"b"}]}})"},
        {"$patch: merge is refused", R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"name":"a","$patch":"merge"}]}})",
         "merging lists cannot yet be specified in the patch"},
        {"an unknown directive", R"({"spec":{"nodeName":"a"}})", R"({"spec":{"$patch":"frob"}})", R"(unknown patch type: "frob" in map: {"$patch":"frob"})"},
        {"a primitive list is a set", R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["b","c"]}})", R"({"metadata":{"finalizers":["a","b","c"]}})"},
        {"$deleteFromPrimitiveList", R"({"metadata":{"finalizers":["a","b","c"]}})", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a","c","d"]}})",
         R"({"metadata":{"finalizers":["b"]}})"},
        {"$setElementOrder of primitives", R"({"metadata":{"finalizers":["a","b","c"]}})",
         R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["d","c","a"],"finalizers":["d"]}})", R"({"metadata":{"finalizers":["d","c","a"]}})"},
        {"$setElementOrder sorts, and what it does not name stays before its old successor",
         R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}})",
         R"({"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"b"},{"name":"d"}],"containers":[{"name":"d"}]}})",
         R"({"spec":{"containers":[{"name":"a"},{"name":"c"},{"name":"b"},{"name":"d"}]}})"},
        {"an item that comes in one patch with a deletion takes the deleted one's place",
         R"({"spec":{"containers":[{"name":"e"},{"name":"b"}]}})",
         R"({"spec":{"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c"},{"name":"b","$patch":"delete"}]}})",
         R"({"spec":{"containers":[{"name":"e"},{"name":"c"}]}})"},
        {"a patch out of the order it states", R"({"spec":{"containers":[{"name":"a"}]}})",
         R"({"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b"},{"name":"a"}]}})",
         "The order in patch list:\n[{\"name\":\"b\"},{\"name\":\"a\"}]\n doesn't match $setElementOrder list:\n[{\"name\":\"a\"},{\"name\":\"b\"}]\n"},
        {"$retainKeys drops the other member of a union", R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
         R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"},"$retainKeys":["name","hostPath"]}]}})", R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}})"},
        {"$retainKeys has to name all of the patch", R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
         R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"},"$retainKeys":["name"]}]}})", "invalid patch format of retainKeys"},
        {"a merge key is needed", R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"image":"x"}]}})",
         R"(map: {"image":"x"} does not contain declared merge key: name)"},
        {"ports are merged by containerPort alone", R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"UDP"}]}]}})",
         R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"TCP"}]}]}})",
         R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":53,"protocol":"TCP"}]}]}})"},
        {"an unknown field with structure on both sides", R"({"spec":{"bogus":{"a":1}}})", R"({"spec":{"bogus":{"b":1}}})",
         "unable to find api field in struct PodSpec for the json field \"bogus\""},
        {"another type replaces", R"({"spec":{"nodeName":"a"}})", R"({"spec":{"nodeName":{"a":null,"b":1}}})", R"({"spec":{"nodeName":{"b":1}}})"},
        {"mixed lists", R"({"metadata":{"finalizers":["a"]}})", R"({"metadata":{"finalizers":[1]}})", "list element types are not identical: [\"a\"] [1]"},
        {"lists of lists", R"({"metadata":{"finalizers":["a"]}})", R"({"metadata":{"finalizers":[[1]]}})", "list element types are not identical: [\"a\"] [[1]]"},
        {"lists of lists on both sides", R"({"metadata":{"finalizers":[[1]]}})", R"({"metadata":{"finalizers":[[1]]}})", "lists of lists are not supported"},
        {"the whole object", R"({"spec":{}})", R"({"$patch":"replace","metadata":{}})", R"({"metadata":{}})"},
        {"no object", R"({"spec":{}})", R"([])", "invalid JSON document (a strategic merge patch is an object, and so is what it is applied to)"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.rule));
      CHECK(strategic(row.original, row.patch) == normal(row.result));
    }
  }

  TEST_CASE("strategic merge patch: a budget's selector is replaced, and without a table lists are") {
    CHECK(outcome(strategic_merge_patch(json::parse(R"({"spec":{"selector":{"matchLabels":{"a":"1"}}}})"), json::parse(R"({"spec":{"selector":{"matchLabels":{"b":"1"}}}})"),
                                        std::string_view("PodDisruptionBudget"))) == R"({"spec":{"selector":{"matchLabels":{"b":"1"}}}})");
    CHECK(outcome(strategic_merge_patch(json::parse(R"({"data":{"a":"1"},"l":[{"name":"a"}]})"), json::parse(R"({"data":{"b":"2"},"l":[{"name":"b"}]})"),
                                        std::string_view("ConfigMap"))) == R"({"data":{"a":"1","b":"2"},"l":[{"name":"b"}]})");
  }
}
