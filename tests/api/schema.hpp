#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sportello::test {

/// The contract as served.
const nlohmann::json& contract();

/// The schema, parameter or body itself, or the one that it refers to.
const nlohmann::json& resolve(const nlohmann::json& schema);

/// Where `value` is not what `schema` says, each with its place; empty when it fits. Knows what the contract uses, and is
/// stricter than JSON Schema: a member that the schema does not name is wrong too.
std::vector<std::string> violations(const nlohmann::json& schema, const nlohmann::json& value, const std::string& place = "");

/// Whether a schema names this member.
bool member(const nlohmann::json& schema, const std::string& name);

/// The schema of an answer of the contract; null when the contract does not know that status or type.
const nlohmann::json* answer_schema(const std::string& method, const std::string& route, int status, const std::string& type);

} // namespace sportello::test
