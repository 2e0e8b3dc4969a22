#include "stream_seats.hpp"

namespace sportello::api {

StreamSeats::Seat StreamSeats::take(const std::string& credential)
{
    const auto place = taken_->try_emplace(credential, 0).first;
    if (place->second >= most_each_) return nullptr;
    ++place->second;
    const auto give_back = [taken = taken_, place](const void*) {
        if (--place->second == 0) taken->erase(place);
    };
    return {static_cast<const void*>(this), give_back};
}

} // namespace sportello::api
