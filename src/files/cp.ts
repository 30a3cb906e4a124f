// How we run `cp`.

/**
 * Variables for its environment. GNU cp allocates a buffer for each file. The buffer is so large that glibc maps it, and
 * unmaps it again: the kernel clears its pages each time, which takes longer than to copy the small files of a cluster. With
 * these variables glibc keeps the memory: a copy of 1,400 files took 95 ms instead of 230. Other C libraries ignore them.
 * See mallopt(3).
 */
export const CP_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '4194304', MALLOC_TRIM_THRESHOLD_: '4194304' };
