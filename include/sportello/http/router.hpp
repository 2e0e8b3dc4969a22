#pragma once

#include <sportello/http/message.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::http {

/// Finds the handler of a request. Patterns are literal segments and `{name}` for one segment, `{name...}` for the rest.
/// A literal segment wins over a parameter at the same place ("/v1/tickets/next" over "/v1/tickets/{id}"). The most
/// specific pattern of a path decides: if it lacks the method, that is a 405, even where a `{name...}` would have it.
class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    /// Two routes of the same method and pattern are a programming error (throws std::logic_error).
    void add(Method method, std::string_view pattern, Handler handler);

    struct Match {
        const Handler* handler = nullptr; ///< null when nothing fits
        std::vector<Method> allowed;      ///< methods of the path when only the method does not fit (405, Allow)
    };
    /// Fills `request.path_parameters` and `request.route` on success. HEAD falls back to GET.
    [[nodiscard]] Match find(Request& request) const;

    struct Entry {
        Method method;
        std::string pattern;
    };
    /// Every route in the order it was added: for the contract and the authorization tests.
    [[nodiscard]] const std::vector<Entry>& entries() const;

private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<Entry> entries_;
};

} // namespace sportello::http
