#pragma once

#include "graph_nodes.hpp"

#include <map>
#include <string>

namespace sportello::simulator {

/// What a call brings: query, form or JSON body in one (objects of a JSON body as text, as forms carry them), and files.
struct GraphInput {
    Arguments parameters;
    std::map<std::string, UploadedFile> files; ///< by the part's name

    [[nodiscard]] std::string text(const std::string& name) const
    {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string() : found->second;
    }
};

/// @throw GraphFailure for a body that is neither a form nor a JSON object
[[nodiscard]] GraphInput read_graph_input(const http::Request& request);

/// A parameter that holds an object: JSON, or the pseudo-JSON of Meta's own samples (single quotes, bare words).
[[nodiscard]] nlohmann::json lenient_json(std::string text);

} // namespace sportello::simulator
