#ifndef GONKA_BUILD_H
#define GONKA_BUILD_H

/// The commit that this build was made from, as the build was told; "unknown" where it was not.
const char *_Nonnull gonka_build_commit(void);

#endif
