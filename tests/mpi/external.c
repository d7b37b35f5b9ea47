/* Elements as they are on every computer. */
#include "check.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include <wchar.h>

/* Packs elements, looks at the bytes, and unpacks them again. */
static void check_bytes(const void *in, int n, MPI_Datatype type,
                        const char *bytes, int num_bytes)
{
    char rep[] = "external32";
    char packed[100];
    char out[200] = { 0 };
    MPI_Aint size;
    MPI_Aint position = 3;
    int here;

    MPI_Pack_external_size(rep, n, type, &size);
    CHECK(size == num_bytes);
    MPI_Pack_external(rep, in, n, type, packed, 100, &position);
    CHECK(position == 3 + num_bytes);
    CHECK(memcmp(packed + 3, bytes, (size_t)num_bytes) == 0);
    position = 3;
    MPI_Unpack_external(rep, packed, 100, &position, out, n, type);
    CHECK(position == 3 + num_bytes);
    MPI_Type_size(type, &here);
    CHECK(memcmp(in, out, (size_t)(n * here)) == 0);
}

static void numbers(void)
{
    const short s[2] = { 0x0102, -2 };
    const long l[2] = { 0x01020304, -2 };
    const unsigned long u = 0xfffefdfc;
    const long long ll = -2;
    const float f = 1.5F;
    const double d = -1.5;
    const float c[2] = { 1.0F, 2.0F };
    const wchar_t w = 0xabcd;
    const struct {
        short value;
        int index;
    } pair = { 1, 2 };

    check_bytes(s, 2, MPI_SHORT, "\x01\x02\xff\xfe", 4);
    check_bytes(l, 2, MPI_LONG, "\x01\x02\x03\x04\xff\xff\xff\xfe", 8);
    check_bytes(&u, 1, MPI_UNSIGNED_LONG, "\xff\xfe\xfd\xfc", 4);
    check_bytes(&ll, 1, MPI_LONG_LONG, "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
    check_bytes(&f, 1, MPI_FLOAT, "\x3f\xc0\0\0", 4);
    check_bytes(&d, 1, MPI_DOUBLE, "\xbf\xf8\0\0\0\0\0\0", 8);
    check_bytes(c, 1, MPI_C_FLOAT_COMPLEX, "\x3f\x80\0\0\x40\0\0\0", 8);
    check_bytes(&w, 1, MPI_WCHAR, "\xab\xcd", 2);
    check_bytes(&pair.value, 1, MPI_SHORT, "\0\x01", 2);
    check_bytes("ab", 2, MPI_CHAR, "ab", 2);
}

static long double there_and_back(long double x)
{
    char packed[16];
    MPI_Aint position = 0;
    long double y = 0;
    char rep[] = "external32";

    MPI_Pack_external(rep, &x, 1, MPI_LONG_DOUBLE, packed, 16, &position);
    position = 0;
    MPI_Unpack_external(rep, packed, 16, &position, &y, 1, MPI_LONG_DOUBLE);
    return y;
}

/* The one that is another kind of number there. */
static void long_doubles(void)
{
    static const char one_and_a_half[] =
        "\x3f\xff\x80\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const long double x[] = { 1.5L,     -0.0L,    1 + LDBL_EPSILON, LDBL_MAX,
                              LDBL_MIN, 1 / 3.0L, LDBL_MIN / 1024,  INFINITY };
    char rep[] = "external32";
    char packed[16];
    MPI_Aint position = 0;

    MPI_Pack_external(rep, x, 1, MPI_LONG_DOUBLE, packed, 16, &position);
    CHECK(memcmp(packed, one_and_a_half, 16) == 0);
    for (size_t i = 0; i < sizeof(x) / sizeof(*x); i++) {
        const long double y = there_and_back(x[i]);
        CHECK(y == x[i] && signbit(y) == signbit(x[i]));
    }
    CHECK(isnan(there_and_back(NAN)));
    /* What is between two goes to the nearer one, and may carry. */
    static const char near_two[] =
        "\x3f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    long double y;
    position = 0;
    MPI_Unpack_external(rep, near_two, 16, &position, &y, 1, MPI_LONG_DOUBLE);
    CHECK(y == 2.0L || LDBL_MANT_DIG == 113);
}

/* Of several types, with holes. */
static void structs(void)
{
    struct mixed {
        char c;
        long l[2];
        double d;
    } in[2] = { { 'a', { 1, -1 }, 1.5 }, { 'b', { 2, -2 }, -1.5 } };
    struct mixed out[2] = { { 0, { 0, 0 }, 0 } };
    MPI_Datatype types[3] = { MPI_CHAR, MPI_LONG, MPI_DOUBLE };
    MPI_Aint places[3];
    MPI_Datatype t;
    MPI_Aint size;
    MPI_Aint position = 0;
    char packed[40];
    char rep[] = "external32";

    for (int i = 0; i < 3; i++) {
        const char *at[] = { &in[0].c, (char *)in[0].l, (char *)&in[0].d };
        places[i] = at[i] - (char *)in;
    }
    MPI_Type_create_struct(3, (int[]){ 1, 2, 1 }, places, types, &t);
    MPI_Type_commit(&t);
    MPI_Pack_external_size(rep, 2, t, &size);
    CHECK(size == 34);
    MPI_Pack_external(rep, in, 2, t, packed, 40, &position);
    CHECK(position == 34 &&
          memcmp(packed, "a\0\0\0\1\xff\xff\xff\xff\x3f", 10) == 0);
    CHECK(packed[17] == 'b' && packed[21] == 2);
    position = 0;
    MPI_Unpack_external(rep, packed, 40, &position, out, 2, t);
    CHECK(out[0].c == 'a' && out[0].l[1] == -1 && out[1].l[0] == 2 &&
          out[1].d == -1.5);
    MPI_Type_free(&t);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    position = 37;
    CHECK(MPI_Pack_external(rep, in, 1, MPI_INT, packed, 40, &position) !=
          MPI_SUCCESS);
    rep[0] = 'i';
    CHECK(MPI_Pack_external_size(rep, 1, MPI_INT, &size) != MPI_SUCCESS);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    numbers();
    long_doubles();
    structs();
    return end();
}
