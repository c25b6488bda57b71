#include "orrery/api/selector.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace orrery;

TEST_SUITE("selector") {
  TEST_CASE("label selectors select as kubectl does, and print as it does") {
    const std::vector<std::pair<std::string, std::string>> labels{{"app", "web"}, {"cpus", "8"}, {"empty", ""}, {"tier", "front"}};
    struct Row {
      const char* text;
      bool selected;
      const char* canonical;
    };
    const Row rows[] = {
        {"", true, ""},
        {" \t", true, ""},
        {"app=web", true, "app=web"},
        {"app==web", true, "app==web"},
        {"app=db", false, "app=db"},
        {"app!=db", true, "app!=db"},
        {"gone!=x", true, "gone!=x"},
        {"app in (db, web)", true, "app in (db,web)"},
        {"app in (web,db,web)", true, "app in (db,web)"},
        {"app in ()", false, "app in ()"},
        {"empty in (,x)", true, "empty in (,x)"},
        {"app notin (db,web)", false, "app notin (db,web)"},
        {"gone notin (x)", true, "gone notin (x)"},
        {"tier", true, "tier"},
        {"!tier", false, "!tier"},
        {"! gone", true, "!gone"},
        {"tier=front,app=web", true, "app=web,tier=front"},
        {"app=web,tier=back", false, "app=web,tier=back"},
        {" app = web , tier ", true, "app=web,tier"},
        {"gone=", false, "gone="},
        {"empty=,app", true, "app,empty="},
        {"in in (in)", false, "in in (in)"},
        {"cpus>7", true, "cpus>7"},
        {"cpus > 8", false, "cpus>8"},
        {"cpus<10", true, "cpus<10"},
        {"app>1", false, "app>1"},
        {"gone<1", false, "gone<1"},
        {"example.com/app", false, "example.com/app"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.text));
      std::string why;
      const auto s = parse_selector(row.text, &why);
      CAPTURE(why);
      REQUIRE(s);
      CHECK(s->matches(labels) == row.selected);
      CHECK(s->to_string() == row.canonical);
      CHECK(parse_selector(s->to_string())->to_string() == row.canonical);
      CHECK(s->empty() == s->to_string().empty());
    }
  }

  TEST_CASE("what is no selector is refused in upstream's words") {
    struct Row {
      const char* text;
      const char* problem;
    };
    const Row rows[] = {
        {"=x", "found '=', expected: !, identifier, or 'end of string'"},
        {"a in x", "unable to parse requirement: found 'x' expected: '('"},
        {"a in (x", "unable to parse requirement: found '', expected: ',' or ')'"},
        {"a,,b", "found ',', expected: identifier after ','"},
        {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
        {"a=b c", "found 'c', expected: ',' or 'end of string'"},
        {"a=b,", "found '', expected: identifier after ','"},
        {"!", "unable to parse requirement: found '', expected: identifier"},
        {"!a=b", "found '=', expected: ',' or 'end of string'"},
        {"a=(", "unable to parse requirement: found '(', expected: identifier"},
        {"a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"},
        {"-a", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and "
               "end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
               "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        {"a=b$", "unable to parse requirement: values[0][a]: Invalid value: \"b$\": a valid label must be an empty string or consist of alphanumeric characters, "
                 "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
                 "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.text));
      std::string why;
      CHECK_FALSE(parse_selector(row.text, &why));
      CHECK(why == row.problem);
      CHECK_FALSE(parse_selector(row.text));
    }
  }

  TEST_CASE("LabelSelector objects: null selects nothing, an empty one everything") {
    const std::vector<std::pair<std::string, std::string>> labels{{"app", "web"}, {"tier", "front"}};
    struct Row {
      const char* object;
      bool selected;
      const char* canonical;
    };
    const Row rows[] = {
        {"null", false, ""},
        {"{}", true, ""},
        {R"({"matchLabels":{},"matchExpressions":null})", true, ""},
        {R"({"matchLabels":{"tier":"front","app":"web"}})", true, "app=web,tier=front"},
        {R"({"matchLabels":{"app":"db"}})", false, "app=db"},
        {R"({"matchExpressions":[{"key":"app","operator":"In","values":["web","db"]},{"key":"x","operator":"DoesNotExist"}]})", true, "app in (db,web),!x"},
        {R"({"matchExpressions":[{"key":"app","operator":"NotIn","values":["web"]}]})", false, "app notin (web)"},
        {R"({"matchLabels":{"b":"1"},"matchExpressions":[{"key":"a","operator":"Exists"}]})", false, "a,b=1"},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.object));
      const auto s = label_selector(json::parse(row.object));
      REQUIRE(s);
      CHECK(s->matches(labels) == row.selected);
      CHECK(s->to_string() == row.canonical);
    }
    CHECK_FALSE(Selector::nothing().empty());
    struct Refused {
      const char* object;
      const char* problem;
    };
    const Refused refused[] = {
        {R"({"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]})", "\"Gt\" is not a valid label selector operator"},
        {R"({"matchExpressions":[{"key":"a","operator":"In"}]})", "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"},
        {R"({"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]})", "values: Invalid value: [\"b\"]: values set must be empty for exists and does not exist"},
        {R"({"matchExpressions":[7]})", "a requirement of a label selector is an object"},
        {R"([])", "a label selector is an object"},
    };
    for (const Refused& row : refused) {
      CAPTURE(std::string(row.object));
      std::string why;
      CHECK_FALSE(label_selector(json::parse(row.object), &why));
      CHECK(why == row.problem);
    }
  }
}
