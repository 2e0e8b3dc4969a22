#include <sportello/domain/private_turn.hpp>

#include <array>

namespace sportello::domain {

std::optional<RouteKind> private_turn(std::span<const ReplyRoute> routes)
{
    constexpr std::array best_first{RouteKind::private_message, RouteKind::private_reply, RouteKind::invitation};
    for (const RouteKind kind : best_first) {
        const ReplyRoute* route = find_route(routes, kind);
        if (route != nullptr && route->open) return kind;
    }
    return std::nullopt;
}

std::string private_turn_text(RouteKind kind, std::string_view language, std::string_view name, std::string_view link)
{
    const bool italian = language == "it";
    std::string text = italian ? "Buongiorno" : "Hello";
    if (!name.empty()) text.append(" ").append(name);
    if (kind != RouteKind::invitation) {
        return text.append(italian ? ", per proteggere i suoi dati continuiamo qui in privato: può rispondere a questo messaggio."
                                   : ", to protect your data let us go on here in private: you can answer this message.");
    }
    text.append(italian ? ", per proteggere i suoi dati continuiamo in privato: ci scriva qui "
                        : ", to protect your data let us go on in private: write to us here ");
    return text.append(link);
}

} // namespace sportello::domain
