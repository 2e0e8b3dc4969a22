#pragma once

#include <sportello/base/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>
#include <vector>

namespace sportello::engine {

/// Carries notices to other systems of the company over HTTP; whoever wires the program together gives one.
class Courier {
public:
    virtual ~Courier() = default;
    /// POSTs `body`, JSON. @return the status of the answer; unavailable when there was none.
    virtual boost::asio::awaitable<base::Result<int>> post(std::string url, std::vector<std::pair<std::string, std::string>> headers,
                                                           std::string body) = 0;
};

} // namespace sportello::engine
