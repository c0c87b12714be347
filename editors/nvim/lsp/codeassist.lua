-- How Neovim starts the server: `vim.lsp.enable('codeassist')`.

local root_markers = { '.codeassist.toml', '.git', '.hg', '.jj', '.svn' }

---@type vim.lsp.Config
return {
  cmd = { 'codeassist', 'lsp' },
  -- No `filetypes`: the server itself knows what it completes. Neovim would attach
  -- help buffers too; a model need not be loaded for reading.
  root_dir = function(bufnr, on_dir)
    if vim.bo[bufnr].buftype == '' then
      on_dir(vim.fs.root(bufnr, root_markers))
    end
  end,
  handlers = {
    ['codeassist/status'] = function(_, status, context)
      require('codeassist').on_status(status, context.client_id)
    end,
  },
}
