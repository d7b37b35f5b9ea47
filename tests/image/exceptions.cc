// Exceptions go through images, also while others run inside a catch block.
#include <cstdio>
#include <stdexcept>
#include <string>

extern "C" int rank();
extern "C" void next();

struct guard {
    int *n;
    ~guard() { ++*n; }
};

static void dive(int depth, int *undone)
{
    guard g{ undone };
    if (depth == 0)
        throw std::runtime_error("from " + std::to_string(rank()));
    dive(depth - 1, undone);
}

int main()
{
    int undone = 0;
    for (int i = 0; i < 3; i++) {
        try {
            dive(2 + rank(), &undone);
        } catch (const std::exception &outer) {
            next();
            try {
                next();
                dive(0, &undone);
            } catch (const std::exception &inner) {
                next();
                if (std::string(outer.what()) != inner.what())
                    std::printf("%d: mixed up\n", rank());
            }
            next();
            try {
                throw;
            } catch (const std::runtime_error &again) {
                if (i == 2)
                    std::printf("%d: %s %d\n", rank(), again.what(), undone);
            }
        }
    }
}
