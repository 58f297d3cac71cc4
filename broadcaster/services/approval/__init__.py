"""What stands between an announcement and the public: submitted, checked, heard, approved."""
