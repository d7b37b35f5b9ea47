// What C++ has one of in a program: static members of templates, inline
// variables, statics in inline functions, objects with constructors; and its
// streams.
#include <cstdio>
#include <iostream>
#include <string>
#include <typeinfo>
#include <vector>

extern "C" int rank();
extern "C" void next();

template <class T> struct registry {
    static int n;
};
template <class T> int registry<T>::n;

inline int shared_inline;

inline int &counter()
{
    static int n = rank() * 10;
    return n;
}

struct noisy {
    std::vector<std::string> words;
    noisy() { words.push_back("made by " + std::to_string(rank())); }
    ~noisy() { std::printf("%d: gone: %s\n", rank(), words[0].c_str()); }
};
static noisy object;

struct base {
    virtual ~base() {}
    virtual int answer() { return 1; }
};
struct derived : base {
    int answer() override { return 42; }
};

int main()
{
    for (int i = 0; i <= rank(); i++) {
        registry<int>::n++;
        shared_inline += 2;
        counter()++;
        next();
    }
    base *b = new derived;
    bool is_derived = dynamic_cast<derived *>(b) != nullptr;
    std::cout << rank() << ": " << registry<int>::n << ' ' << shared_inline
              << ' ' << counter() << ' ' << object.words[0] << ' '
              << b->answer() << is_derived << std::endl;
    delete b;
    return 0;
}
