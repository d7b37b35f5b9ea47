/* More thread-local variables than there is room for. */
static _Thread_local volatile char large[10000];

int main(int argc, char **argv)
{
    return large[argc];
}
